export { NotAllowed as default } from '@/app/_shell/refusals';
