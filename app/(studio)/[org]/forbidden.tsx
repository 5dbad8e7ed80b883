/** Below the organization's layout, so that a right that is given meanwhile is heard of. */
export { NotAllowed as default } from '@/app/_shell/refusals';
