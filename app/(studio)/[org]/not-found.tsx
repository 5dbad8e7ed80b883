/** Below the organization's layout, so that its events go on being heard. */
export { NothingHere as default } from '@/app/_shell/refusals';
