import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configured } from '../../scripts/lib/programs.mjs';
import { waitFor } from './wait-for';

const root = fileURLToPath(new URL('../..', import.meta.url));

const RunState = z.object({
  pid: z.number(),
  url: z.string(),
  children: z.array(z.object({ name: z.string(), pid: z.number() })),
});

/** `npm run up` on a data folder of its own, as a person would start it. */
export function up(dataDir: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, ['scripts/up.mjs', ...args], {
    cwd: root,
    env: { NODE_ENV: 'production', PATH: configured('PATH') ?? '', HOME: dataDir, NO_COLOR: '1', STUDIO_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    output += String(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    pid: child.pid ?? 0,
    ended,
    output: () => output,
    says: (text: RegExp) =>
      waitFor(() => text.test(output) || (child.exitCode !== null && Promise.reject(new Error(output))), {
        what: `"up" to say ${text}`,
        withinMs: 120_000,
      }),
    signal: (name: NodeJS.Signals) => void child.kill(name),
  };
}

/** What `up` says about itself to the next start. */
export async function runState(dataDir: string): Promise<z.infer<typeof RunState>> {
  return RunState.parse(JSON.parse(await readFile(path.join(dataDir, 'run.json'), 'utf8')));
}
