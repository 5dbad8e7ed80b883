import { mkdir, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { plot } from '../scripts/lib/plot.mjs';
import { deployCrowd } from './rows/deployments/crowd';
import { deployLogs } from './rows/deployments/log-lines';
import { deployTime } from './rows/deployments/overhead';
import { deployVariables } from './rows/deployments/variables';
import { auditGrows } from './rows/growth/audit';
import { membersGrow } from './rows/growth/members';
import { organizationsGrow } from './rows/growth/organizations';
import { projectsGrow } from './rows/growth/projects';
import { rowSecurity } from './rows/growth/row-security';
import { list } from './rows/list';
import { logins } from './rows/logins';
import { memory } from './rows/memory';
import { overload } from './rows/overload';
import { pages } from './rows/pages';
import { provisioning } from './rows/provisioning';
import { soak } from './rows/soak';
import { secondStart } from './rows/second-start';
import { unchanged } from './rows/unchanged';
import { markdown, type Finding } from './support/finding';
import { openStage, root, type Stage } from './support/stage';

/**
 * Options: `--rows=<names>` chooses rows, `--whole` takes all of them, the half hour of `soak` too; `--quick` measures
 * shorter and leaves the largest sizes out; `--soak-minutes=<number>`; `--data=<folder>` keeps the databases for the next
 * run, which takes 8 GB of disk for the full sizes (5 of them for a log of 10⁷ entries). Without it they are removed.
 */
const rows: Record<string, (stage: Stage) => Promise<Finding[]>> = {
  list,
  unchanged,
  growth: organizationsGrow,
  'growth-projects': projectsGrow,
  'growth-members': membersGrow,
  'growth-audit': auditGrows,
  'row-security': rowSecurity,
  provisioning,
  logins,
  overload,
  pages,
  memory,
  'deploy-variables': deployVariables,
  'deploy-time': deployTime,
  'deploy-logs': deployLogs,
  'deploy-crowd': deployCrowd,
  'second-start': secondStart,
  soak,
};
/** Runs by its name, or with everything: it takes half an hour. */
const long = ['soak'];

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    whole: { type: 'boolean', default: false },
    'soak-minutes': { type: 'string' },
    data: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const soakMinutes = values['soak-minutes'] === undefined ? undefined : Number(values['soak-minutes']);
if (soakMinutes !== undefined && !(soakMinutes >= 0.5 && soakMinutes <= 10_000)) throw new Error('--soak-minutes takes a number of minutes, 0.5 at least');
const byDefault = Object.keys(rows).filter((name) => values.whole || !long.includes(name));
const chosen = (values.rows?.split(',') ?? byDefault).map((name) => {
  const row = rows[name];
  if (row === undefined) throw new Error(`there is no row ${name}; there are ${Object.keys(rows).join(', ')}`);
  return { name, row };
});

console.log(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}; load before: ${loadavg()[0]?.toFixed(2)}`);
const stage = await openStage({ quick: values.quick, ...(soakMinutes === undefined ? {} : { soakMinutes }), ...(values.data === undefined ? {} : { dataDir: path.resolve(values.data) }) });
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
const curves = findings.flatMap(({ curve }) => curve ?? []);
const told = findings.map(({ curve: _, ...finding }) => finding);
await writeFile(path.join(folder, 'bench.json'), `${JSON.stringify({ at: new Date().toISOString(), cores: cpus().length, findings: told, curves }, null, 2)}\n`);
await rm(path.join(folder, 'bench'), { recursive: true, force: true });
await mkdir(path.join(folder, 'bench'));
for (const curve of curves) await writeFile(path.join(folder, 'bench', `${fileNameOf(curve.title)}.svg`), plot(curve));
console.log(markdown(findings));
process.exitCode = findings.every(({ pass }) => pass) ? 0 : 1;

function fileNameOf(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** A row that cannot be measured fails the run, and leaves the others to be measured. */
function failure(name: string, error: unknown): Finding[] {
  console.error(error);
  const what = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return [{ what: name, limit: '', ours: `not measured: ${what}`, reached: '', target: '', pass: false }];
}
