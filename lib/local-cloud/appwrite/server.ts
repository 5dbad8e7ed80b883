import { getRequestListener } from '@hono/node-server';
import { createServer } from 'node:http';
import pg from 'pg';
import { createApp } from './app';
import { createCollection } from './documents';
import { listen } from '../listen';
import { Faults } from './faults';
import { FileStore } from './file-store';
import { Jobs } from './jobs';
import { createSchema, Namespace } from './namespace';
import type { Platform, Settings } from './platform';
import { CONSOLE_COLLECTIONS } from './schema';
import { Signer } from './tokens';
import { resumeJobs } from './workers';

export interface StandInOptions {
  /** A Postgres database of its own; the schema `appwrite` is made in it. */
  databaseUrl: string;
  /** Folder for the bytes of files. */
  dataDir: string;
  mode: 'local' | 'production';
  log: (line: string) => void;
  /** Opens the control route `/_faults`; the `faults` object works either way. */
  allowFaults?: boolean;
  settings?: Partial<Settings>;
}

export interface StandIn {
  /** Answers a request without a socket; faults that cut connections need `listen`. */
  fetch(request: Request): Promise<Response>;
  listen(port: number, host?: string): Promise<{ url: string; close(): Promise<void> }>;
  faults: Faults;
  /** Ends workers and the pool; listening servers are closed by their own `close`. */
  stop(): Promise<void>;
}

const DEFAULTS: Settings = { consoleSignUp: 'one', columnDelayMs: 40, deleteDelayMs: 600 };

/**
 * A development server that answers like Appwrite 1.9.6 for the part of it that Studio and its apps use.
 * It refuses to run in production: its secrets lie in plain sight, as the API of the real server shows them.
 */
export async function createAppwriteStandIn(options: StandInOptions): Promise<StandIn> {
  if (options.mode === 'production') throw new Error('The local Appwrite stand-in is for development only: set APPWRITE_PLATFORM_ENDPOINT to a real Appwrite server.');
  options.log('Local Appwrite stand-in: a development server that answers like Appwrite 1.9.6. Not Appwrite, not for production.');

  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: 10, types: { getTypeParser } });
  const noteLoss = (error: Error) => options.log(`Appwrite stand-in lost a database connection: ${error.message}`);
  pool.on('error', noteLoss);
  // The pool listens only to idle connections; one that dies in use would end the process.
  pool.on('connect', (client) => client.on('error', noteLoss));
  const platform = await openPlatform(pool, options).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const app = createApp(platform, { allowFaults: options.allowFaults === true, log: options.log });
  return {
    fetch: async (request) => app.fetch(request, {}),
    listen: (port, host = '127.0.0.1') => listen(createServer(getRequestListener((request, bindings) => app.fetch(request, bindings))), port, host),
    faults: platform.faults,
    stop: async () => {
      await platform.jobs.stop();
      await pool.end();
    },
  };
}

async function openPlatform(pool: pg.Pool, options: StandInOptions): Promise<Platform> {
  await createSchema(pool);
  const console = Namespace.console(pool);
  const signer = await console.transaction(async (ns) => {
    // Two servers may start at once on an empty database.
    await ns.query('SELECT pg_advisory_xact_lock(hashtext($1))', [ns.prefix]);
    for (const collection of CONSOLE_COLLECTIONS) {
      if (!(await ns.hasTable(collection.name))) await createCollection(ns, collection);
    }
    return Signer.open(ns);
  });
  const platform: Platform = {
    pool, console, signer,
    files: new FileStore(options.dataDir),
    jobs: new Jobs(options.log),
    faults: new Faults(),
    settings: { ...DEFAULTS, ...options.settings },
  };
  await resumeJobs(platform);
  return platform;
}

const BIGINT_OID = 20;

/** Sequences and integer columns as numbers: Appwrite's JSON has no other kind. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  return oid === BIGINT_OID ? Number : pg.types.getTypeParser(oid, format);
}
