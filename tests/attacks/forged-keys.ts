import { newApiKeyToken } from '@/lib/identity/api-key/token';

/** API keys that must not be accepted, made from one that stands. Truncations are counted apart: there is one for each length. */
export function forgedKeys(real: string): Map<string, string> {
  const made = newApiKeyToken();
  const last = real.slice(-1);
  const body = real.slice('stu_live_'.length);
  return new Map([
    ['made up, with a right checksum', made],
    ['the real secret with another checksum', `${real.slice(0, -6)}${made.slice(-6)}`],
    ['the last character changed', real.slice(0, -1) + (last === '0' ? '1' : '0')],
    ['one character of the secret changed', `stu_live_${body.startsWith('0') ? '1' : '0'}${body.slice(1)}`],
    ['no checksum', real.slice(0, -7)],
    ['upper case', real.toUpperCase()],
    ['lower case', real.toLowerCase()],
    ['for another environment', real.replace('stu_live_', 'stu_test_')],
    ['without its prefix', body],
    ['twice', real + real],
    ['with an end of line', `${real}%0a`],
    ['a wildcard', 'stu_live_%'],
    ['SQL', `stu_live_'or'1'='1`],
    ['only the prefix', 'stu_live_'],
  ]);
}

/** The key cut to each of its lengths. */
export function truncations(real: string): string[] {
  return Array.from({ length: real.length - 1 }, (_, length) => real.slice(0, length + 1));
}
