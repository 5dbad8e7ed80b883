import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../scripts/lib/processes.mjs';
import { isBuilt } from '../../scripts/lib/sources.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Tests of the built product never run on a build that is older than the sources. */
export default async function setup(): Promise<void> {
  if (await isBuilt(root)) return;
  const { code, output } = await run(process.execPath, [path.join(root, 'scripts/build.mjs')], { cwd: root, timeoutMs: 600_000 });
  if (code !== 0) throw new Error(`the build failed:\n${output}`);
}
