import { createGateFor, type Gate, type GateOptions } from '../../gate';
import { AppwriteError, appwriteFailureOf } from '../port';

/** The gate before one instance. */
export function createGate(options: GateOptions): Gate {
  return createGateFor({ isOutage, isRefusal, keptBack }, options);
}

function isOutage(error: unknown): boolean {
  const failure = appwriteFailureOf(error);
  return failure?.kind === 'timeout' || (failure?.kind === 'unavailable' && failure.sent);
}

function isRefusal(error: unknown): boolean {
  const kind = appwriteFailureOf(error)?.kind;
  return kind === 'conflict' || kind === 'not_found' || kind === 'refused';
}

function keptBack(retryAfterMs: number): AppwriteError {
  return new AppwriteError({ kind: 'unavailable', sent: false, retryAfterMs });
}
