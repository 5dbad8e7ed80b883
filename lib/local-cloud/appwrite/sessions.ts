import { insert } from './documents';
import { isoTime } from './ids';
import { stamp } from './listing';
import { permission } from './permissions';
import type { Call } from './route';
import { sessions, type SessionDocument, type UserDocument } from './schema';
import { digest, encodeSession, randomSecret } from './tokens';

const YEAR_SECONDS = 31_536_000;

export type Provider = 'email' | 'anonymous' | 'server';

/** Opens a session and says how the client carries it: cookies for browsers, their JSON for strict ones. */
export async function openSession(call: Call, user: UserDocument, provider: Provider): Promise<{ session: SessionDocument; cookie: string; headers: Array<readonly [string, string]> }> {
  const secret = randomSecret(128);
  const expire = new Date(Date.now() + YEAR_SECONDS * 1000);
  const session = await insert(call.ns, sessions, {
    id: 'unique()',
    permissions: ['read', 'update', 'delete'].map((action) => permission(action, `user:${user.$id}`)),
    values: {
      userId: user.$id, secretHash: digest(secret), provider, providerUid: user.values.email, expire,
      factors: [provider === 'email' ? 'password' : provider], ip: call.ip,
      linux: /linux/i.test(call.request.headers.get('user-agent') ?? ''),
    },
  });
  const name = cookieName(call);
  const cookie = encodeSession({ id: session.$id, secret });
  const life = `expires=${cookieDate(expire)}; Max-Age=${YEAR_SECONDS}; path=/; HttpOnly`;
  const headers: Array<readonly [string, string]> = [
    ['set-cookie', `${name}_legacy=${cookie}; ${life}`],
    ['set-cookie', `${name}=${cookie}; ${life}; SameSite=None`],
    ['x-fallback-cookies', JSON.stringify({ [name]: cookie })],
  ];
  return { session, cookie, headers };
}

/** Headers that make a browser forget its session. */
export function forgetSession(call: Call): Array<readonly [string, string]> {
  const name = cookieName(call);
  const gone = 'expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/; HttpOnly';
  return [['set-cookie', `${name}_legacy=deleted; ${gone}`], ['set-cookie', `${name}=deleted; ${gone}; SameSite=None`], ['x-fallback-cookies', '[]']];
}

/** `secret` is filled only for keys: everyone else has it in the cookie. */
export function toSession(session: SessionDocument, current: boolean, secret = ''): Record<string, unknown> {
  const { values } = session;
  return {
    ...stamp(session),
    userId: values.userId, expire: isoTime(values.expire), provider: values.provider, providerUid: values.providerUid,
    providerAccessToken: '', providerAccessTokenExpiry: '', providerRefreshToken: '', ip: values.ip,
    osCode: values.linux ? 'LIN' : '', osName: values.linux ? 'GNU/Linux' : '', osVersion: '', clientType: '', clientCode: '', clientName: '', clientVersion: '', clientEngine: '',
    clientEngineVersion: '', deviceName: values.linux ? 'desktop' : '', deviceBrand: '', deviceModel: '', countryCode: '--', countryName: 'Unknown',
    current, factors: values.factors, secret, mfaUpdatedAt: '',
  };
}

function cookieName(call: Call): string {
  return `a_session_${call.project?.$id ?? 'console'}`;
}

/** `Sun, 21-Nov-2027 00:12:56 GMT`: PHP's old cookie date, with hyphens. */
function cookieDate(date: Date): string {
  return date.toUTCString().replace(/(\d{2}) (\w{3}) (\d{4})/, '$1-$2-$3');
}
