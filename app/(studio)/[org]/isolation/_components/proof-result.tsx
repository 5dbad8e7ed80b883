import { Badge } from '@/app/_ui/badge';
import type { ProofView } from '@/lib/trust/proof/schemas';

/** What came of a proof that has ended. */
export function ProofResult({ of: { state, leaks } }: { of: Pick<ProofView, 'state' | 'leaks'> }) {
  if (state === 'failed') return <Badge tone="warn">Not finished</Badge>;
  if (state !== 'finished') return <Badge tone="info">{state === 'queued' ? 'Waiting' : 'Running'}</Badge>;
  return leaks === 0 ? <Badge tone="good">Nothing reached</Badge> : <Badge tone="bad">{leaks === 1 ? '1 leak' : `${leaks.toLocaleString('en')} leaks`}</Badge>;
}
