/** Nothing outside the studio is refused this way; without this file Next sends a page of its own, styles included, with every answer. */
export { Nowhere as default } from './_shell/refusals';
