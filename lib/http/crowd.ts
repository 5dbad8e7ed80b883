import { onConnectionFreed, silentForMs, waitingForConnection, type Database } from '@/db/platform/client';
import { AppError } from '@/lib/kernel/errors';
import type { Log } from '@/lib/kernel/log';

/** Reads that are worked on at a time: enough to keep the pool busy while some are on their way to Redis and back. */
const readsAtOnce = 24;
/** A read that has gone on for longer waits for somebody else, for Appwrite perhaps, and takes nobody's place. */
const busyForMs = 100;
/** Whatever has begun and waits for a connection: as many as the pool has, so that none of them is ever idle. */
const waitingForPool = 20;
/** Reads that have not begun. One more is turned away at once. */
const longestLine = 1_000;
/** Whoever has waited this long is turned away. */
const longestWaitMs = 1_000;
/** The same while Postgres says nothing: whoever begins then waits a second and a half for it, and is to be told within two. */
const longestWaitInSilenceMs = 500;
/** On a busy server Postgres is heard all the time. */
const silenceMs = 250;
/** The operator is told this often at most: a line for each of them would be more work than an answer. */
const tellEveryMs = 10_000;

/** One read that has begun. */
export interface Place {
  readonly sinceMs: number;
}

interface Waiting {
  arrivedMs: number;
  settle(place: Place | null): void;
}

/** Keeps reads in a line, before anything is done for them, while more is asked than can be answered. */
export interface Crowd {
  /** The place of a read, at once or when it is its turn; null for one that is turned away. */
  enter(): Place | null | Promise<Place | null>;
  leave(place: Place): void;
}

/**
 * Whoever begins all that is asked answers none of it in time: each request that has begun holds memory and its turn at
 * the pool, and what gives up half-way was begun for nothing. So the line is in front, where a request is nothing yet
 * but its socket. Changes do not stand in it: they are few, and what they wait for, a hash or Appwrite, has a line of its own.
 */
export function createCrowd({ database, log }: { database: Database; log: Log }): Crowd {
  const begun = new Set<Place>();
  const line: Waiting[] = [];
  let looking: NodeJS.Timeout | undefined;
  let turnedAway = 0;
  let toldMs = -Infinity;

  function hasRoom(nowMs: number): boolean {
    if (waitingForConnection(database) >= waitingForPool) return false;
    if (begun.size < readsAtOnce) return true;
    for (const place of begun) {
      if (nowMs - place.sinceMs < busyForMs) break;
      begun.delete(place);
    }
    return begun.size < readsAtOnce;
  }

  function take(sinceMs: number): Place {
    const place = { sinceMs };
    begun.add(place);
    return place;
  }

  function callNext(): void {
    if (line.length === 0) return;
    const nowMs = performance.now();
    while (line.length > 0 && hasRoom(nowMs)) line.shift()?.settle(take(nowMs));
  }

  function turnAway(nowMs: number): null {
    turnedAway += 1;
    if (nowMs - toldMs > tellEveryMs) {
      log.warn({ turned_away: turnedAway }, 'more is read than this server can answer, and some are told to come back');
      toldMs = nowMs;
      turnedAway = 0;
    }
    return null;
  }

  /** For places that are given back by nobody, and for those who wait too long. */
  function look(): void {
    looking = undefined;
    callNext();
    const nowMs = performance.now();
    const patienceMs = silentForMs(database) > silenceMs ? longestWaitInSilenceMs : longestWaitMs;
    while (nowMs - (line[0]?.arrivedMs ?? nowMs) >= patienceMs) line.shift()?.settle(turnAway(nowMs));
    lookAgain();
  }

  function lookAgain(): void {
    if (line.length > 0) looking ??= setTimeout(look, busyForMs).unref();
  }

  onConnectionFreed(database, callNext);
  return {
    enter() {
      const arrivedMs = performance.now();
      if (line.length === 0 && hasRoom(arrivedMs)) return take(arrivedMs);
      if (line.length >= longestLine) return turnAway(arrivedMs);
      return new Promise((settle) => {
        line.push({ arrivedMs, settle });
        lookAgain();
      });
    },
    leave(place) {
      begun.delete(place);
      callNext();
    },
  };
}

/** What whoever is turned away is told: made once, because the trace of a refusal costs as much as a cached answer. */
export const tooMuch = new AppError('unavailable', 'More is asked of Studio right now than it can answer. Nothing was done; try again in a moment.', { retryAfterSeconds: 2 });
