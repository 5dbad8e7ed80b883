import type { ProofView } from '@/lib/trust/proof/schemas';

/** Progress is not announced: a proof is watched by whoever asked for it, and nobody else's pages should be read again for it. */
export const openEveryMs = 1_000;

export function isOpen({ state }: Pick<ProofView, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}
