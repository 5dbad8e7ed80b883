import { databaseUse, isSilent, mostConnections, type Database } from '@/db/platform/client';
import { AppError } from '@/lib/kernel/errors';
import type { Log } from '@/lib/kernel/log';

/** How many are worked on at a time: enough to keep the pool busy while some are on their way to Redis and back. */
export const atOnce = 24;
/** So many begin even where the pool is full of something else: what is cached needs no connection, and others take their turn at it. */
const atLeast = 8;
/** Those that have not begun. One more is turned away at once; from one network it is the half. */
export const longestLine = 2_000;
/** Whoever has waited this long is turned away. */
const longestWaitMs = 1_000;
/** The same while Postgres says nothing: whoever begins then waits a second and a half for it, and is to be told within two. */
const longestWaitInSilenceMs = 250;
const lookEveryMs = 50;
/** The operator is told once for all of so long: a line for each would be more work than an answer. */
const tellAfterMs = 1_000;

/** Something that has begun. */
export interface Place {
  readonly sinceMs: number;
}

/** Whom the line asks about, should there be one. */
export interface Visitor {
  /** The network that asks. */
  from: () => string;
  isGone: () => boolean;
}

interface Waiting {
  arrivedMs: number;
  from: string;
  isGone: () => boolean;
  settle(place: Place | null): void;
}

interface CrowdOptions {
  /** Of what, in the operator's log. */
  kind: 'api' | 'page';
  database: Database;
  log: Log;
  /** What has gone on for longer waits for somebody else, for Appwrite perhaps, and takes nobody's place. */
  busyForMs: number;
}

/** Keeps reads in a line, before anything is done for them, while more is asked than can be answered. */
export interface Crowd {
  /** A place, at once or when it is its turn; null for whoever is turned away, or has gone meanwhile. */
  enter(visitor: Visitor): Place | null | Promise<Place | null>;
  /** May be called twice. */
  leave(place: Place): void;
}

/**
 * Whoever begins all that is asked answers none of it in time: each request that has begun holds memory and its turn at
 * the pool, and what gives up half-way was begun for nothing. So the line is in front, where a request is nothing yet
 * but its socket.
 */
export function createCrowd({ kind, database, log, busyForMs }: CrowdOptions): Crowd {
  // By the time they began, oldest first.
  const begun = new Set<Place>();
  const line: Waiting[] = [];
  const waitingFrom = new Map<string, number>();
  const fullPool = mostConnections(database);
  let looking: NodeJS.Timeout | undefined;
  let telling: NodeJS.Timeout | undefined;
  let turnedAway = 0;

  function hasRoom(nowMs: number): boolean {
    for (const place of begun) {
      if (nowMs - place.sinceMs < busyForMs) break;
      begun.delete(place);
    }
    return begun.size < (databaseUse(database).waiting < fullPool ? atOnce : atLeast);
  }

  function take(sinceMs: number): Place {
    const place = { sinceMs };
    begun.add(place);
    return place;
  }

  function first(): Waiting | undefined {
    const next = line.shift();
    if (next === undefined) return undefined;
    const left = (waitingFrom.get(next.from) ?? 1) - 1;
    if (left === 0) waitingFrom.delete(next.from);
    else waitingFrom.set(next.from, left);
    return next;
  }

  function callNext(): void {
    if (line.length === 0) return;
    const nowMs = performance.now();
    while (line.length > 0 && hasRoom(nowMs)) {
      const next = first();
      next?.settle(next.isGone() ? null : take(nowMs));
    }
  }

  /** For whoever waits too long, and for places that nobody gives back. */
  function look(): void {
    looking = undefined;
    const nowMs = performance.now();
    const patienceMs = isSilent(database) ? longestWaitInSilenceMs : longestWaitMs;
    while (nowMs - (line[0]?.arrivedMs ?? nowMs) >= patienceMs) first()?.settle(turnAway());
    callNext();
    if (line.length > 0) looking = setTimeout(look, lookEveryMs).unref();
  }

  function turnAway(): null {
    turnedAway += 1;
    telling ??= setTimeout(tell, tellAfterMs).unref();
    return null;
  }

  function tell(): void {
    log.warn({ kind, turned_away: turnedAway }, 'more is asked than this server can answer, and some were told to come back');
    turnedAway = 0;
    telling = undefined;
  }

  return {
    enter(visitor) {
      const arrivedMs = performance.now();
      if (line.length === 0 && hasRoom(arrivedMs)) return take(arrivedMs);
      const from = visitor.from();
      const alike = waitingFrom.get(from) ?? 0;
      if (line.length >= longestLine || alike >= longestLine / 2) return turnAway();
      waitingFrom.set(from, alike + 1);
      looking ??= setTimeout(look, lookEveryMs).unref();
      return new Promise((settle) => line.push({ arrivedMs, from, isGone: visitor.isGone, settle }));
    },
    leave(place) {
      begun.delete(place);
      callNext();
    },
  };
}

/** What whoever is turned away is told: made once, because the trace of a refusal costs as much as a cached answer. */
export const tooMuch = new AppError('unavailable', 'More is asked of Studio right now than it can answer. Nothing was done; try again in a moment.', { retryAfterSeconds: 2 });
