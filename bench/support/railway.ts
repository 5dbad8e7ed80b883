import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import type { Stage } from './stage';

const Requests = z.object({ requests: z.array(z.object({ name: z.string(), status: z.number(), ms: z.number() })) });

export type RailwayRequest = z.infer<typeof Requests>['requests'][number];

export interface LocalRailway {
  endpoint: string;
  token: string;
  /** What the app of the bench is deployed from. */
  source: { kind: 'repository'; repository: string; branch: string; start_command: string };
  /** Every request since the last `forget`, by the fields asked for; a failed one is an error. */
  requests(): Promise<RailwayRequest[]>;
  forget(): Promise<void>;
  /** Ends it with every app that runs on it. */
  stop(): Promise<void>;
}

const token = 'token-of-the-account-of-the-bench';
const repository = 'bench/tiny';

/** Without packages, so that a build is a copy. It tells how many variables of the bench it has, and on demand writes numbered lines with their time. */
const app = `import { createServer } from 'node:http';
const variables = Object.keys(process.env).filter((name) => name.startsWith('BENCH_')).length;
createServer((request, response) => {
  const { searchParams } = new URL(request.url, 'http://app');
  const [count, everyMs] = [Number(searchParams.get('lines')), Number(searchParams.get('every'))];
  for (let n = 0; n < count; n += 1) setTimeout(() => console.log('line ' + n + ' ' + Date.now()), n * everyMs);
  response.end(String(variables));
}).listen(process.env.PORT, () => console.log('listening'));
`;

/** The stand-in for Railway with an app of its own, on a folder that apps can pass through. */
export async function localRailway(stage: Stage): Promise<LocalRailway> {
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-bench-railway-'));
  await chmod(folder, 0o711);
  const appFolder = path.join(folder, 'tiny');
  await mkdir(appFolder);
  await writeFile(path.join(appFolder, 'server.mjs'), app);
  const port = await anyFreePort();
  const url = `http://127.0.0.1:${port}`;
  const program = fileURLToPath(new URL('./railway-process.ts', import.meta.url));
  const running = await stage
    .process('railway', ['--import', 'tsx', program, path.join(folder, 'data'), String(port), token, appFolder, repository], {})
    .catch(async (error: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
  return {
    endpoint: `${url}/graphql/v2`,
    token,
    source: { kind: 'repository', repository, branch: 'main', start_command: 'exec node server.mjs' },
    async requests() {
      const { requests } = Requests.parse(await (await fetch(`${url}/_faults/requests`)).json());
      const failed = requests.find(({ status }) => status >= 400 || status === 0);
      if (failed !== undefined) throw new Error(`${failed.name} answered ${failed.status} at the stand-in`);
      return requests;
    },
    async forget() {
      await fetch(`${url}/_faults/requests`, { method: 'DELETE' });
    },
    async stop() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
