import { isIP } from 'node:net';

/**
 * The caller's address. `X-Forwarded-For` is believed only as far as our own proxies wrote it: with one
 * trusted hop the last entry, with two the one before it. Without proxies the socket's address counts.
 */
export function clientIp(forwardedFor: string | undefined, socketAddress: string | undefined, trustedHops: number): string | null {
  if (trustedHops > 0 && forwardedFor !== undefined) {
    const entries = forwardedFor.split(',').map((entry) => entry.trim());
    const candidate = entries[entries.length - trustedHops];
    if (candidate !== undefined && isIP(candidate) !== 0) return candidate;
  }
  return socketAddress ?? null;
}
