import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Compose } from '../support/compose';

export interface Certificates {
  /** Stands for `/tls`. */
  folder: string;
  /** The certificate of the authority. */
  authority: string;
  remove(): Promise<void>;
}

/** What the service "certificates" makes, in a folder of the test's own, for servers that run as `uid`. */
export async function makeCertificates(compose: Compose, uid: number): Promise<Certificates> {
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-tls-'));
  // Servers that run as another account pass through here; the keys below are their owner's alone.
  await chmod(folder, 0o755);
  await runCertificates([folder, ...namesOf(compose).map((name) => `${name}:${uid}`)]);
  return { folder, authority: path.join(folder, 'ca/ca.crt'), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** @returns what it prints */
export async function runCertificates(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/compose-certificates.mjs', ...args]);
  return stdout;
}

/** The servers that docker-compose.yml has certificates made for. */
export function namesOf(compose: Compose): string[] {
  const [, , folder, ...targets] = compose.services.certificates?.command ?? [];
  if (folder !== '/tls') throw new Error('the service "certificates" is expected to write to /tls');
  return targets.map((target) => target.split(':')[0] ?? '');
}
