/** What chooses the project and the rights of a request, wherever Appwrite finds it. */
const deciding = new Set(['project', 'mode']);

/** `%41` and `+` decoded byte by byte, so that nothing is too malformed to be read. */
export function decodeForm(text: string): string {
  return text.replaceAll('+', ' ').replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/**
 * The deciding parameter that PHP makes of a decoded name, or undefined. PHP drops leading spaces, cuts at a NUL and
 * takes a bracket as the start of a list, so `+project[0]` means `project` there.
 */
export function decidingName(decoded: string): string | undefined {
  const name = /^ *([^[\0]*)/.exec(decoded)?.[1]?.toLowerCase() ?? '';
  return deciding.has(name) ? name : undefined;
}
