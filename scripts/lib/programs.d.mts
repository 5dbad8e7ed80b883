export type ProgramName = 'redis' | 'chromium' | 'pgbouncer' | 'caddy' | 'openssl';

export function configured(name: string): string | undefined;
export function findProgram(name: ProgramName): string | undefined;
export function ensureProgram(name: ProgramName, log?: (line: string) => void): Promise<string>;
