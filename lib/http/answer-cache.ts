import { hash, randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { maxAgeMs, type Cache } from '@/lib/adapters/cache/port';

export interface Answer {
  /** Encoded once, however often it is sent. */
  body: Buffer<ArrayBuffer>;
  etag: string;
  /** Headers that belong to this answer. */
  headers: Record<string, string>;
}

/** How long an entry of the version table lives when nobody changes anything; a lost one only costs a miss. */
const versionAgeMs = 3_600_000;

/**
 * Answers of this process, each under the organization's version token at the time it was read. A change
 * replaces the token before it is acknowledged, so an older answer can no longer be found; in any case an answer
 * lives five seconds at most. The token is read before the rows are: a change in between only wastes the entry.
 */
export function createAnswerCache() {
  const answers = new LRUCache<string, Answer>({ max: 10_000, maxSize: 16 * 1024 * 1024, sizeCalculation: ({ body }) => body.length + 1, ttl: maxAgeMs });

  return {
    find(key: string): Answer | undefined {
      return answers.get(key);
    },
    keep(key: string, answer: Answer): void {
      answers.set(key, answer);
    },
  };
}

export type AnswerCache = ReturnType<typeof createAnswerCache>;

export function answerOf(text: string, headers: Record<string, string>): Answer {
  const body = Buffer.from(text);
  return { body, etag: etagOf(body), headers };
}

export function etagOf(body: string | Buffer): string {
  return `"${hash('sha1', body, 'base64url')}"`;
}

/** The current token, made when there is none. Null when the cache cannot be trusted: then nothing is kept. */
export async function versionToken(cache: Cache, key: string): Promise<string | null> {
  if (!cache.sure()) return null;
  const [read] = await cache.getMany([key]);
  if (read != null) return read;
  const token = randomUUID();
  await cache.set(key, token, versionAgeMs);
  const [kept] = await cache.getMany([key]);
  return kept ?? null;
}
