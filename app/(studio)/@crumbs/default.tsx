/** Nothing to say beside a page without an address of its own. */
export default function NoCrumbs() {
  return null;
}
