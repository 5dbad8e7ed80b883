import { readAsUser, readInTenant, unplanned, withoutTenant, type Database, type Statement } from '@/db/platform/client';
import { isPrivilegeMissing } from '@/db/platform/errors';
import { isReadable, mostProbed, readProbes, wholeRows, type ReadProbe } from '@/db/platform/read-probes';
import type { ThrowAway } from '@/lib/identity/throw-away/open-throw-away';
import type { Outcome, Tally } from './tally';
import { findId, type Victim } from './victim';

interface Prober {
  name: string;
  description: string;
  read(statements: readonly Statement[]): Promise<Record<string, unknown>[][]>;
}

/** The stranger in every context that a transaction of Studio can have. */
export function databaseProbers(shared: Database, { organizationId, userId }: Pick<ThrowAway, 'organizationId' | 'userId'>): Prober[] {
  const database = unplanned(shared);
  return [
    { name: 'member', description: 'the stranger inside their own organization', read: (statements) => readInTenant(database, { organizationId, userId }, statements) },
    { name: 'job', description: 'a job of the stranger\'s organization', read: (statements) => readInTenant(database, { organizationId, userId: null }, statements) },
    { name: 'person', description: 'the stranger outside any organization', read: (statements) => readAsUser(database, userId, statements) },
    {
      name: 'nobody',
      description: 'a transaction without any context',
      read: (statements) => withoutTenant(database, (tx) => Promise.all(statements.map(({ text, values }) => tx.query(text, values)))),
    },
  ];
}

/** Every form of reading for every table; where a table may not be read at all, the forms without a column are enough. */
export function databaseProbes({ tables, rows, organizationId }: Victim): ReadProbe[] {
  return tables.flatMap((table) => (isReadable(table) ? readProbes(table, { organizationId, rows: rows.get(table.name) ?? [] }) : wholeRows(table, organizationId)));
}

/** So many statements travel together. */
const atOnce = 25;

/** Makes the probes as one prober. `onProgress` hears after every few of them. */
export async function probeDatabase(prober: Prober, probes: readonly ReadProbe[], victim: Victim, tally: Tally, onProgress: () => Promise<void>): Promise<void> {
  for (let from = 0; from < probes.length; from += atOnce) {
    const batch = probes.slice(from, from + atOnce);
    const answers = await prober.read(batch).catch(() => null);
    for (const [index, probe] of batch.entries()) {
      // One refusal refuses all that travelled with it, so each is asked alone.
      const outcome = answers === null ? await askAlone(prober, probe, victim.ids) : judge(probe, answers[index] ?? [], victim.ids);
      tally.add({ object: probe.table, actor: prober.name, probe: probe.column === null ? probe.form : `${probe.form} of ${probe.column}` }, outcome);
    }
    await onProgress();
  }
}

async function askAlone(prober: Prober, probe: ReadProbe, ids: ReadonlySet<string>): Promise<Outcome> {
  try {
    const [rows = []] = await prober.read([probe]);
    return judge(probe, rows, ids);
  } catch (error) {
    // Anything but a missing privilege means that the probe was not made, and proves nothing.
    if (isPrivilegeMissing(error)) return 'refused';
    throw error;
  }
}

function judge({ byKey }: ReadProbe, rows: readonly Record<string, unknown>[], ids: ReadonlySet<string>): Outcome {
  const id = findId(ids, JSON.stringify(rows));
  if (id !== null) return { saw: id };
  // A stranger who has just come owns a handful of rows: so many are somebody's.
  const foreign = byKey ? rows.length > 0 : rows.length >= mostProbed;
  return foreign ? { saw: rows.length === 1 ? '1 row' : `${rows.length} rows` } : 'empty';
}
