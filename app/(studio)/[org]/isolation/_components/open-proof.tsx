'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useRemote } from '@/app/_live/use-remote';
import type { ProofView } from '@/lib/trust/proof/schemas';
import { isOpen, openEveryMs } from './open';
import { ProofProgress } from './proof-progress';

interface OpenProofProps {
  /** Below `/api/v1`. */
  path: string;
  first: ProofView;
}

/** How far a proof is; the page shows its report when it has ended. */
export function OpenProof({ path, first }: OpenProofProps) {
  const router = useRouter();
  const { data = first } = useRemote<ProofView>({ path, initial: first, everyMs: openEveryMs });
  const ended = !isOpen(data);
  useEffect(() => {
    if (ended) router.refresh();
  }, [ended, router]);
  return <ProofProgress of={data} />;
}
