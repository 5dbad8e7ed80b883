import { hash, verify } from '@node-rs/argon2';

// Cheaper than the real server's 64 MiB: these accounts live on a developer's machine.
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** What the users API says about the hash. */
export const HASH_OPTIONS = { type: 'argon2', memory_cost: OPTIONS.memoryCost, time_cost: OPTIONS.timeCost, threads: OPTIONS.parallelism } as const;

export function hashPassword(password: string): Promise<string> {
  return hash(password, OPTIONS);
}

export async function passwordMatches(stored: string, password: string): Promise<boolean> {
  return stored !== '' && verify(stored, password);
}
