export { NothingHere as default } from '@/app/_shell/refusals';
