'use client';

import { useState } from 'react';
import { shownProblem } from '@/app/_forms/problem';
import { useFragmentTokens } from '@/app/_forms/use-fragment-token';
import { Button } from '@/app/_ui/button';
import { ProblemSummary, type ProblemShown } from '@/app/_ui/problem-summary';
import { TextLink } from '@/app/_ui/text-link';
import { ApiProblem, apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import { AuthHeader } from '../../_components/auth-header';
import { IncompleteLink } from '../../_components/incomplete-link';

/** One press confirms: mail scanners open links, and must not use them up. */
export function VerifyEmail() {
  const tokens = useFragmentTokens();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemShown | null>(null);
  const confirm = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await apiPost('/auth/verify-email', { token: tokens?.token });
      if (tokens?.invitation != null) await join(tokens.invitation);
      window.location.assign(paths.home);
    } catch (error) {
      setProblem(shownProblem(error));
      setBusy(false);
    }
  };
  if (tokens === null) return <IncompleteLink />;
  return (
    <>
      <AuthHeader title="Confirm your address">This opens your account and signs you in on this device.</AuthHeader>
      <ProblemSummary problem={problem} />
      <Button kind="primary" busy={busy || tokens === undefined} onClick={confirm}>
        Confirm and sign in
      </Button>
      {problem !== null && (
        <p className="text-muted">
          A link works once. If you have confirmed already, <TextLink href={paths.signIn}>sign in</TextLink>; there you can also ask for a new letter.
        </p>
      )}
    </>
  );
}

/** Somebody who registered for an invitation meant to accept it. One that ended meanwhile must not keep them out. */
async function join(invitation: string): Promise<void> {
  try {
    await apiPost('/invitations/accept', { token: invitation });
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
  }
}
