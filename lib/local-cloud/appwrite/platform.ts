import type { Pool } from 'pg';
import type { FileStore } from './file-store';
import type { Jobs } from './jobs';
import type { Faults } from './faults';
import { Namespace } from './namespace';
import type { ProjectDocument } from './schema';
import type { Signer } from './tokens';

export interface Settings {
  /** `one` refuses a second console account, as the real server does by default; `open` lets anyone sign up. */
  consoleSignUp: 'one' | 'open';
  /** How long a column or index stays `processing`, in milliseconds. */
  columnDelayMs: number;
  /** How long the deletes worker lets a deleted project's tables and files lie, in milliseconds. */
  deleteDelayMs: number;
}

/** What every request shares. */
export interface Platform {
  pool: Pool;
  console: Namespace;
  signer: Signer;
  files: FileStore;
  jobs: Jobs;
  faults: Faults;
  settings: Settings;
}

export function namespaceOf(platform: Platform, project: ProjectDocument): Namespace {
  return Namespace.project(platform.pool, project.$sequence);
}
