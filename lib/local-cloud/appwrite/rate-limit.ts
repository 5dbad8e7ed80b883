import { AppwriteError } from './errors';

const HOUR_MS = 3_600_000;

/**
 * What the real server announces on limited routes. Only failed logins are counted here: a development
 * server that locks its developer out of everything else helps nobody.
 */
export function rateLimitHeaders(limit: number | undefined, used = 1): ReadonlyArray<readonly [string, string]> {
  if (limit === undefined) return [];
  return [
    ['x-ratelimit-limit', String(limit)],
    ['x-ratelimit-remaining', String(Math.max(0, limit - used))],
    ['x-ratelimit-reset', String(Math.ceil(Date.now() / HOUR_MS) * 3600)],
  ];
}

/** Ten wrong passwords an hour for one address of one project, then 429. */
export class LoginLimit {
  readonly #failures = new Map<string, { count: number; until: number }>();
  readonly #max = 10;

  check(project: string, email: string): void {
    const entry = this.#entry(project, email);
    if (entry !== undefined && entry.count >= this.#max) throw new AppwriteError('general_rate_limit_exceeded');
  }

  failed(project: string, email: string): void {
    const entry = this.#entry(project, email);
    if (entry === undefined) this.#failures.set(`${project}:${email}`, { count: 1, until: Date.now() + HOUR_MS });
    else entry.count += 1;
  }

  succeeded(project: string, email: string): void {
    this.#failures.delete(`${project}:${email}`);
  }

  #entry(project: string, email: string): { count: number; until: number } | undefined {
    const entry = this.#failures.get(`${project}:${email}`);
    if (entry !== undefined && entry.until > Date.now()) return entry;
    this.#failures.delete(`${project}:${email}`);
    return undefined;
  }
}
