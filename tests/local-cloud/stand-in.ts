import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAppwriteStandIn, type StandIn, type StandInOptions } from '@/lib/local-cloud/appwrite/server';
import { testDatabase } from '../support/postgres';

export interface RunningStandIn {
  url: string;
  databaseUrl: string;
  dataDir: string;
  standIn: StandIn;
  /** What it printed. */
  lines: readonly string[];
  /** Ends the server and starts another on the same data. */
  restart(): Promise<StandIn>;
  stop(): Promise<void>;
}

/** A stand-in on a port and a database of its own. */
export async function startStandIn(options: Partial<StandInOptions> = {}): Promise<RunningStandIn> {
  const database = await testDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'appwrite-'));
  const lines: string[] = [];
  const create = () => createAppwriteStandIn({
    databaseUrl: database.ownerUrl, dataDir, mode: 'local', log: (line) => lines.push(line), ...options,
  });
  const standIn = await create();
  const { url, close } = await standIn.listen(0);
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => (ended ??= close().then(() => standIn.stop()));
  return {
    url, databaseUrl: database.ownerUrl, dataDir, standIn, lines,
    restart: async () => {
      await end();
      return create();
    },
    stop: async () => {
      await end();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The console account's session after signing up and in, as the value of `X-Appwrite-Session`. */
export async function consoleSession(url: string, email = 'root@studio.test', password = 'console-password'): Promise<string> {
  const headers = { 'x-appwrite-project': 'console', 'content-type': 'application/json' };
  await fetch(`${url}/v1/account`, { method: 'POST', headers, body: JSON.stringify({ userId: 'unique()', email, password, name: 'Root' }) });
  const response = await fetch(`${url}/v1/account/sessions/email`, { method: 'POST', headers, body: JSON.stringify({ email, password }) });
  const cookie = response.headers.getSetCookie().find((each) => each.startsWith('a_session_console='));
  const value = /^a_session_console=([^;]+)/.exec(cookie ?? '')?.[1];
  if (value === undefined) throw new Error(`No console session: ${response.status} ${await response.text()}`);
  return value;
}
