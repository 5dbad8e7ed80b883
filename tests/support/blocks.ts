import { transcriptOf } from '@/bench/support/transcript';
import { withClient } from './postgres';

interface Plan {
  'Node Type': string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
}

/**
 * How many blocks of Postgres the statements of a verb look at, each under the policies as the verb runs it: says without
 * a clock whether a page is found by an index or picked out of everything.
 */
export async function blocksOf(ownerUrl: string, verb: () => Promise<unknown>): Promise<number> {
  const { spoken } = await transcriptOf(verb);
  return withClient(ownerUrl, async (client) => {
    let blocks = 0;
    for (const { text, values } of spoken) {
      if (/^(begin|commit)\b/.test(text)) {
        await client.query(text.startsWith('begin') ? `begin; set local session authorization studio_app${text.slice(text.indexOf(';'))}` : 'rollback');
        continue;
      }
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`explain (analyze, buffers, format json) ${text}`, [...values]);
      const plan = rows[0]?.['QUERY PLAN'][0].Plan;
      if (plan === undefined) throw new Error(`no plan for ${text}`);
      blocks += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    }
    return blocks;
  });
}
