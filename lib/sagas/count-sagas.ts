import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';

/** How many sagas of one kind are under way, or are stuck until somebody tries them again. */
export interface SagaCount {
  kind: string;
  state: 'open' | 'stuck';
  sagas: number;
}

/** Across all organizations, for the operator. Each half is answered from an index that holds no others. */
export function countSagas(ctx: Pick<Ctx, 'database' | 'log' | 'requestId'>): Promise<SagaCount[]> {
  return asSystem(ctx, 'count-sagas', (tx) =>
    tx.query<SagaCount>(
      `select kind, 'stuck' as state, count(*)::int as sagas from sagas where state = 'stuck' group by kind
       union all
       select kind, 'open', count(*)::int from sagas where state in ('running', 'undoing') group by kind
       order by 1, 2`,
    ),
  );
}
