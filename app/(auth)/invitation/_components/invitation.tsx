'use client';

import { useEffect, useState } from 'react';
import { shownProblem } from '@/app/_forms/problem';
import { useFragmentToken } from '@/app/_forms/use-fragment-token';
import { Button } from '@/app/_ui/button';
import { ProblemSummary, type ProblemShown } from '@/app/_ui/problem-summary';
import { RelativeTime } from '@/app/_ui/relative-time';
import { Skeleton } from '@/app/_ui/skeleton';
import { ApiProblem, apiPost } from '@/lib/http/client';
import { AuthHeader } from '../../_components/auth-header';
import { CheckMail } from '../../_components/check-mail';
import { IncompleteLink } from '../../_components/incomplete-link';
import { RegisterForm } from '../../_components/register-form';
import { SignInForm } from '../../_components/sign-in-form';

interface InvitationShown {
  organization_name: string;
  email: string;
  role: string;
  inviter: string | null;
  expires_at: string;
  account_exists: boolean;
}

type Stage = 'offer' | 'identify' | 'sent';

/** Shows what one is invited to, then accepts: at once when signed in, after signing in or up otherwise. */
export function Invitation() {
  const token = useFragmentToken();
  const [invitation, setInvitation] = useState<InvitationShown | null>(null);
  const [stage, setStage] = useState<Stage>('offer');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemShown | null>(null);

  useEffect(() => {
    if (typeof token !== 'string') return;
    apiPost<InvitationShown>('/invitations/lookup', { token }, null).then(setInvitation, (error: unknown) => setProblem(shownProblem(error)));
  }, [token]);

  const accept = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await apiPost('/invitations/accept', { token });
      window.location.assign('/');
    } catch (error) {
      setBusy(false);
      if (error instanceof ApiProblem && error.status === 401) setStage('identify');
      else setProblem(shownProblem(error));
    }
  };

  if (token === null) return <IncompleteLink />;
  if (invitation === null) return problem === null ? <InvitationSkeleton /> : <RefusedInvitation problem={problem} />;
  if (stage === 'sent') return <CheckMail email={invitation.email} />;
  return (
    <>
      <AuthHeader title={`Join ${invitation.organization_name}`}>
        {invitation.inviter === null ? 'You are' : `${invitation.inviter} has`} invited {invitation.inviter === null ? '' : 'you'} as {invitation.role}, at {invitation.email}. The invitation ends{' '}
        <RelativeTime at={invitation.expires_at} />.
      </AuthHeader>
      <ProblemSummary problem={problem} />
      {stage === 'offer' && (
        <Button kind="primary" busy={busy} onClick={accept}>
          Accept invitation
        </Button>
      )}
      {stage === 'identify' && invitation.account_exists && <SignInForm email={invitation.email} submitLabel="Sign in and accept" onSignedIn={accept} />}
      {stage === 'identify' && !invitation.account_exists && typeof token === 'string' && (
        <RegisterForm email={invitation.email} invitationToken={token} onSent={() => setStage('sent')} />
      )}
    </>
  );
}

function InvitationSkeleton() {
  return (
    <div role="status" className="flex flex-col gap-4">
      <span className="sr-only">Loading the invitation</span>
      <Skeleton className="h-6 w-2/3" />
      <Skeleton className="h-12 w-full" />
      <Skeleton className="h-9 w-full" />
    </div>
  );
}

function RefusedInvitation({ problem }: { problem: ProblemShown }) {
  return (
    <>
      <AuthHeader title="This invitation cannot be used">Ask the person who invited you for a new one.</AuthHeader>
      <ProblemSummary problem={problem} />
    </>
  );
}
