import { createHash } from 'node:crypto';

/** Each token is an account of its own with one workspace; its ids come from the token, so a restart keeps them. */
export interface Account {
  id: string;
  name: string;
  email: string;
  workspace: { id: string; name: string };
}

const SINCE = '2026-01-01T00:00:00.000Z';
export const accountCreatedAt = SINCE;

export class Accounts {
  /** By digest: the time a look-up takes tells nothing about a token. */
  readonly #byDigest: ReadonlyMap<string, Account>;

  constructor(tokens: readonly string[]) {
    this.#byDigest = new Map(tokens.map((token, index) => [digest('token', token), toAccount(token, index + 1)]));
  }

  find(authorization: string | undefined): Account | undefined {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return token === undefined ? undefined : this.#byDigest.get(digest('token', token));
  }
}

function toAccount(token: string, number: number): Account {
  return {
    id: toUuid(digest('account', token)),
    name: `Local account ${number}`,
    email: `account-${number}@railway.localhost`,
    workspace: { id: toUuid(digest('workspace', token)), name: `Local workspace ${number}` },
  };
}

function digest(purpose: string, token: string): string {
  return createHash('sha256').update(`${purpose}:${token}`).digest('hex');
}

function toUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
