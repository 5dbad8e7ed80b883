/** Guests are sent to sign in instead; without this file Next sends a page of its own, styles included, with every answer. */
export { NothingHere as default } from '@/app/_shell/refusals';
