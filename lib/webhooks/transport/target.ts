import { isIP } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from './addresses';

/** Whether programs on this machine may be called: in local mode, so that people can try webhooks out. */
export interface Reach {
  loopback: boolean;
}

export interface Target {
  url: URL;
  host: string;
  port: number;
  /** It names this machine, and may. */
  local: boolean;
}

/** Names that lead to this machine, to its own network or to nobody, whatever a resolver says. */
const localNames = ['localhost', 'internal', 'local', 'localdomain', 'lan', 'home', 'corp', 'private', 'intranet', 'home.arpa', 'arpa', 'onion', 'test', 'invalid'];

/**
 * Reads the address of an endpoint, or says in words for a person why Studio does not call it. What a name leads to
 * shows only when connecting, and is checked then.
 */
export function readTarget(text: string, { loopback }: Reach): Target | { refusal: string } {
  if (!URL.canParse(text)) return { refusal: 'Write the whole address, like https://hooks.example.com/studio.' };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return { refusal: 'Leave the user name and password out of the address. The signature proves that Studio calls.' };
  if (url.hash !== '') return { refusal: 'Leave out what follows the #: it is never sent.' };
  const host = hostOf(url);
  const local = loopback && isLoopbackHost(host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) return { refusal: 'The address must start with https://.' };
  if (!local && !mayBePublic(host)) return { refusal: 'Studio calls public addresses only. Name a host that can be reached from the Internet, like hooks.example.com.' };
  const usualPort = url.protocol === 'https:' ? 443 : 80;
  return { url, host, local, port: url.port === '' ? usualPort : Number(url.port) };
}

/** The host without the brackets of IPv6 and without the dot that ends a full name. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && isLoopbackAddress(host));
}

function mayBePublic(host: string): boolean {
  if (isIP(host) !== 0) return isPublicAddress(host);
  return host.includes('.') && !localNames.some((name) => host === name || host.endsWith(`.${name}`));
}
