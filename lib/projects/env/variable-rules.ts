import { generatedNames, keyVariable } from './manifest';

export const mostVariables = 250;
/** Of one value, and of all values together, in characters. */
export const longestValue = 32_768;
export const mostCharacters = 262_144;

/** Begins the names that build tools put into the code for browsers. */
const publicPrefixes = ['NEXT_PUBLIC_', 'VITE_', 'PUBLIC_', 'REACT_APP_', 'NUXT_PUBLIC_', 'EXPO_PUBLIC_'];
/** What the platform that runs an app sets by itself, or what changes which code runs at all. */
const reserved = new Set(['PATH', 'HOME', 'PORT', 'USER', 'SHELL', 'PWD', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT']);
const reservedPrefix = 'RAILWAY_';

/** Everything below space but tab and line feed, and what makes a text read as another one. */
const forbidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const loneSurrogate = /\p{Surrogate}/u;

/** An Appwrite key as Appwrite writes it. */
const serverKey = /(standard|dynamic|organization|account|ephemeral)_[0-9a-f]{32}/;

/** What Railway fills in: `${{NAME}}` and `${{Service.NAME}}`. */
const railwayReference = /\$\{\{([^{}]*)\}\}/g;
/** What build tools fill in when they read a `.env`, Next among them: `${NAME}`, and `$NAME` with an underscore, as `$USD` is money. */
const dotenvReference = /(?<!\\)\$(?:\{(\w+)|([A-Za-z]\w*_\w+))/g;

/** Railway fills it in when the app starts. */
export function refersToRailway(value: string): boolean {
  return value.search(railwayReference) !== -1;
}

export function isPublicName(name: string): boolean {
  return publicPrefixes.some((prefix) => name.startsWith(prefix));
}

/** What is wrong with a name, in words for a person; null when nothing is. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'The name must not be empty.';
  if (name.length > 128) return 'The name must not be longer than 128 characters.';
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `${shown(name)} is no name for a variable. Use letters, digits and underscores, and begin with a letter.`;
  if (reserved.has(name.toUpperCase()) || name.toUpperCase().startsWith(reservedPrefix)) return `${name} is set by the platform that runs the app. Choose another name.`;
  return null;
}

export function isGenerated(name: string): boolean {
  return generatedNames.includes(name);
}

/** The same for a value. A browser must never get a key for servers, so a public name refuses one. */
export function valueProblem({ name, value, secret }: { name: string; value: string; secret: boolean }): string | null {
  if (value.length > longestValue) return `The value of ${name} must not be longer than ${longestValue} characters.`;
  if (forbidden.test(value) || loneSurrogate.test(value)) return `The value of ${name} must not hold control characters or broken ones.`;
  if (!isPublicName(name)) return null;
  if (secret) return `${name} goes to browsers by its name, so it cannot be a secret. Choose another name, or do not mark it.`;
  if (serverKey.test(value)) return `${name} goes to browsers, and its value is a key for servers. Choose another name.`;
  const taken = serverReference(value);
  if (taken !== undefined) return `${name} goes to browsers, and its value takes in ${taken}, which stays on servers. Choose another name, or write the value out.`;
  return null;
}

/** The first reference of a value to a variable that is not for browsers. */
function serverReference(value: string): string | undefined {
  const atRailway = [...value.matchAll(railwayReference)].map(([text, inside = '']) => [text, inside.split('.').at(-1) ?? ''] as const);
  const inFiles = [...value.matchAll(dotenvReference)].map(([text, inBraces, bare = '']) => (inBraces === undefined ? ([text, bare] as const) : ([`${text}}`, inBraces] as const)));
  const [text] = [...atRailway, ...inFiles].find(([, name]) => !isForBrowsers(name.trim())) ?? [];
  return text === undefined ? undefined : shorter(text);
}

function isForBrowsers(name: string): boolean {
  return isPublicName(name) || name.startsWith(reservedPrefix) || (isGenerated(name) && name !== keyVariable);
}

function shown(name: string): string {
  return JSON.stringify(shorter(name));
}

function shorter(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
