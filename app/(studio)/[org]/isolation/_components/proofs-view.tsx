'use client';

import { useState } from 'react';
import { useAct } from '@/app/_forms/use-act';
import { shownProblem } from '@/app/_forms/problem';
import { usePages } from '@/app/_live/use-pages';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';
import { MoreRows } from '@/app/_ui/more-rows';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import type { Page } from '@/lib/kernel/page';
import type { ProofView } from '@/lib/trust/proof/schemas';
import { isOpen, openEveryMs } from './open';
import { ProofProgress } from './proof-progress';
import { ProofTable } from './proof-table';

interface ProofsViewProps {
  organizationId: string;
  slug: string;
  mayProve: boolean;
  first: Page<ProofView>;
}

/** The button, how far the proof is that runs, and those that ended. */
export function ProofsView({ organizationId, slug, mayProve, first }: ProofsViewProps) {
  const path = `/organizations/${organizationId}/isolation-proofs`;
  const { busy, act } = useAct();
  const [watching, setWatching] = useState(first.data.some(isOpen));
  const pages = usePages<ProofView>({ path, first, everyMs: watching ? openEveryMs : undefined });
  const running = pages.rows.find(isOpen);
  if (watching !== (running !== undefined)) setWatching(running !== undefined);
  const prove = () =>
    act(async () => {
      await apiPost<ProofView>(path);
      await pages.reload();
    });
  const refusal = mayProve ? undefined : missingRight('isolation:prove');
  const button = (
    <AllowedButton reason={refusal ?? (running === undefined ? undefined : 'A proof is under way already.')} kind="primary" busy={busy} icon={<Icon name="shield-check" />} onClick={prove}>
      Prove isolation
    </AllowedButton>
  );
  const ended = pages.rows.filter((proof) => !isOpen(proof));
  return (
    <PageBody>
      <PageHeader
        title="Isolation"
        description="A stranger with an organization of their own tries to read yours: each table and column of the database, each address of the API that reads. Nothing is changed, and you keep a signed report."
        actions={pages.rows.length === 0 ? undefined : button}
      />
      {pages.error !== null && <ProblemSummary problem={shownProblem(pages.error)} />}
      {running !== undefined && <ProofProgress of={running} />}
      {pages.rows.length === 0 ? (
        <EmptyState icon={<Icon name="shield-check" className="size-5" />} title="Nothing is proven yet" action={button}>
          A proof takes some seconds. The stranger and their organization are made for it and removed with it.
        </EmptyState>
      ) : (
        ended.length > 0 && <ProofTable slug={slug} proofs={ended} />
      )}
      <MoreRows more={pages.more} busy={pages.loading} onMore={pages.loadMore} />
    </PageBody>
  );
}
