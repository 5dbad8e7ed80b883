import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@/lib/kernel/clock';
import type { Log } from '@/lib/kernel/log';
import { AppwriteError, appwriteFailureOf } from '../port';
import { DeadlineClient } from './client';
import { failureOf, type Answer } from './failures';

export interface PlatformCredentials {
  email: string;
  password: string;
}

/** Where the console session lives between processes. What is kept is sealed by the store. */
export interface SessionStore {
  load(): Promise<string | null>;
  save(session: string): Promise<void>;
}

export interface PlatformSession {
  /** Runs a call as the console account, signing in when there is no session or it is no longer accepted. */
  use<Result>(work: (session: string) => Promise<Result>): Promise<Result>;
}

interface SessionOptions {
  endpoint: string;
  credentials: PlatformCredentials;
  store: SessionStore;
  deadlineMs: number;
  clock: Clock;
  log: Log;
}

/** Appwrite may not know a session yet that it has just given out. */
const settleMs = 500;
const freshMs = 5_000;
/** Ten wrong passwords lock the account for an hour: a refused one is not tried again at once. */
const refusalPauseMs = 60_000;

export function createPlatformSession({ endpoint, credentials, store, deadlineMs, clock, log }: SessionOptions): PlatformSession {
  let current: string | null = null;
  let signedInAtMs = Number.NEGATIVE_INFINITY;
  let refusedUntilMs = Number.NEGATIVE_INFINITY;
  let signingIn: Promise<string> | null = null;

  async function session(): Promise<string> {
    current ??= await store.load();
    return current ?? signInOnce();
  }

  /** Calls that find the session gone at the same moment share one sign-in. */
  function signInOnce(): Promise<string> {
    signingIn ??= signIn().finally(() => {
      signingIn = null;
    });
    return signingIn;
  }

  async function signIn(): Promise<string> {
    if (clock.monotonicMs() < refusedUntilMs) throw new AppwriteError({ kind: 'unauthorized' });
    let answer = await post('/account/sessions/email', { ...credentials });
    if (answer.status === 401 && (await signUp())) answer = await post('/account/sessions/email', { ...credentials });
    if (answer.status === 401) refusedUntilMs = clock.monotonicMs() + refusalPauseMs;
    if (answer.status >= 300) throw new AppwriteError(failureOf(answer, clock.now().getTime()));
    const opened = sessionCookie(answer.headers);
    if (opened === null) throw new AppwriteError({ kind: 'unsupported', found: 'no session cookie' });
    await store.save(opened);
    current = opened;
    signedInAtMs = clock.monotonicMs();
    return opened;
  }

  /** On a fresh server whoever signs up first owns it. True when the account was made just now. */
  async function signUp(): Promise<boolean> {
    const answer = await post('/account', { userId: 'unique()', ...credentials, name: 'Studio' });
    if (answer.status === 201) log.info({ endpoint }, 'signed up the platform account on a fresh Appwrite');
    return answer.status === 201;
  }

  function post(path: string, body: Record<string, unknown>): Promise<Answer> {
    const client = new DeadlineClient(endpoint, deadlineMs);
    return client.exchange('post', new URL(endpoint + path), { 'X-Appwrite-Project': 'console', 'content-type': 'application/json' }, body);
  }

  async function stillAccepted(value: string): Promise<boolean> {
    const client = new DeadlineClient(endpoint, deadlineMs).setProject('console').setSession(value);
    const answer = await client.exchange('get', new URL(`${endpoint}/account`), { 'X-Appwrite-Project': 'console' });
    return answer.status === 200;
  }

  /**
   * Another session to try after a 401, or null when the session is good and the answer stands: Appwrite also
   * answers 401 for a team or project that is not there.
   */
  async function replacementFor(refused: string): Promise<string | null> {
    if (current !== refused) return session();
    if (clock.monotonicMs() - signedInAtMs < freshMs) {
      await sleep(settleMs);
      return refused;
    }
    if (await stillAccepted(refused)) return null;
    const stored = await store.load();
    if (stored !== null && stored !== refused) {
      current = stored;
      return stored;
    }
    return signInOnce();
  }

  return {
    async use(work) {
      let value = await session();
      // Twice at most: once for a session that ended, once for a new one that is not known everywhere yet.
      for (let left = 2; ; left -= 1) {
        try {
          return await work(value);
        } catch (error) {
          if (appwriteFailureOf(error)?.kind !== 'unauthorized' || left === 0) throw error;
          const next = await replacementFor(value);
          if (next === null) throw error;
          value = next;
        }
      }
    },
  };
}

function sessionCookie(headers: Headers): string | null {
  for (const cookie of headers.getSetCookie()) {
    const [, value] = /^a_session_console=([^;]+)/.exec(cookie) ?? [];
    if (value !== undefined) return decodeURIComponent(value);
  }
  return null;
}
