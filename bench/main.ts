import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { deployCrowd } from './rows/deployments/crowd';
import { deployLogs } from './rows/deployments/log-lines';
import { deployTime } from './rows/deployments/overhead';
import { deployVariables } from './rows/deployments/variables';
import { growth } from './rows/growth';
import { list } from './rows/list';
import { logins } from './rows/logins';
import { memory } from './rows/memory';
import { pages } from './rows/pages';
import { provisioning } from './rows/provisioning';
import { secondStart } from './rows/second-start';
import { unchanged } from './rows/unchanged';
import { markdown, type Finding } from './support/finding';
import { openStage, root, type Stage } from './support/stage';

const rows: Record<string, (stage: Stage) => Promise<Finding[]>> = {
  list,
  unchanged,
  growth,
  provisioning,
  logins,
  pages,
  memory,
  'deploy-variables': deployVariables,
  'deploy-time': deployTime,
  'deploy-logs': deployLogs,
  'deploy-crowd': deployCrowd,
  'second-start': secondStart,
};

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: Object.keys(rows).join(',') },
    data: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const chosen = values.rows.split(',').map((name) => {
  const row = rows[name];
  if (row === undefined) throw new Error(`there is no row ${name}; there are ${Object.keys(rows).join(', ')}`);
  return { name, row };
});

console.log(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}; load before: ${loadavg()[0]?.toFixed(2)}`);
const stage = await openStage({ quick: values.quick, ...(values.data === undefined ? {} : { dataDir: path.resolve(values.data) }) });
const findings: Finding[] = [];
try {
  for (const { name, row } of chosen) {
    const startedMs = performance.now();
    const found = await row(stage).catch((error: unknown) => failure(name, error));
    findings.push(...found);
    console.log(`${name} (${Math.round((performance.now() - startedMs) / 1000)} s)\n${markdown(found)}\n`);
  }
} finally {
  await stage.close();
}

const folder = path.join(root, 'artifacts');
await mkdir(folder, { recursive: true });
await writeFile(path.join(folder, 'bench.json'), `${JSON.stringify({ at: new Date().toISOString(), cores: cpus().length, findings }, null, 2)}\n`);
console.log(markdown(findings));
process.exitCode = findings.every(({ pass }) => pass) ? 0 : 1;

/** A row that cannot be measured fails the run, and leaves the others to be measured. */
function failure(name: string, error: unknown): Finding[] {
  console.error(error);
  const what = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return [{ what: name, limit: '', ours: `not measured: ${what}`, reached: '', target: '', pass: false }];
}
