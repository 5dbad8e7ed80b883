import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const prefix = 'stu_live_';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 30 characters of base 62 carry 178 random bits. */
const secretLength = 30;
const checksumLength = 6;
const pattern = new RegExp(`^${prefix}[0-9A-Za-z]{${secretLength}}_[0-9A-Za-z]{${checksumLength}}$`);

/**
 * A new key: `stu_live_<secret>_<checksum>`. Scanners know it by the prefix, and the checksum tells a mistyped or
 * made-up key from a real one without a look into the database.
 */
export function newApiKeyToken(): string {
  const secret = Array.from({ length: secretLength }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  return `${prefix}${secret}_${checksum(secret)}`;
}

export function isApiKeyToken(token: string): boolean {
  if (!pattern.test(token)) return false;
  const secret = token.slice(prefix.length, prefix.length + secretLength);
  return token.slice(-checksumLength) === checksum(secret);
}

/** What stays visible of a key, so that a person knows it again. */
export function visibleParts(token: string): { prefix: string; lastFour: string } {
  return { prefix: token.slice(0, prefix.length + 4), lastFour: token.slice(-4) };
}

function checksum(secret: string): string {
  let rest = crc32(prefix + secret);
  let text = '';
  for (let position = 0; position < checksumLength; position += 1) {
    text = alphabet.charAt(rest % alphabet.length) + text;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}
