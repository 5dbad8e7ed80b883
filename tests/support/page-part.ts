/**
 * Next answers with a part of a page only at the address that names the hash of the request's headers, and sends every
 * other request there: a probe that stayed where it asked would read nothing.
 * @param location the header of the answer
 * @returns that address, or null where the answer is none of these
 */
export function addressOfPart(status: number | null, location: string | null | undefined): string | null {
  if (status !== 307 || location == null || !location.startsWith('/')) return null;
  return new URL(location, 'http://studio.invalid').searchParams.has('_rsc') ? location : null;
}
