/** Text in markup, whatever it holds. */
export function escaped(text) {
  return String(text).replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
