'use client';

import { useState } from 'react';
import { shownProblem } from '@/app/_forms/problem';
import { requiredRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { useFragmentTokens } from '@/app/_forms/use-fragment-token';
import { Button } from '@/app/_ui/button';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary, type ProblemShown } from '@/app/_ui/problem-summary';
import { TextLink } from '@/app/_ui/text-link';
import { ApiProblem, apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import { AuthHeader } from '../../_components/auth-header';
import { IncompleteLink } from '../../_components/incomplete-link';

type Confirm = (password?: string) => Promise<void>;

/** One press confirms: mail scanners open links, and must not use them up. */
export function VerifyEmail() {
  const tokens = useFragmentTokens();
  const [elsewhere, setElsewhere] = useState(false);
  const confirm: Confirm = async (password) => {
    await apiPost('/auth/verify-email', { token: tokens?.token, ...(password === undefined ? {} : { password }) }, null);
    if (tokens?.invitation != null) await join(tokens.invitation);
    window.location.assign(paths.home);
  };
  if (tokens === null) return <IncompleteLink />;
  return elsewhere ? <WithPassword confirm={confirm} /> : <WithOnePress ready={tokens !== undefined} confirm={confirm} onElsewhere={() => setElsewhere(true)} />;
}

/** Enough in the browser that registered; every other one is asked for the password as well. */
function WithOnePress({ ready, confirm, onElsewhere }: { ready: boolean; confirm: Confirm; onElsewhere: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemShown | null>(null);
  const press = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await confirm();
    } catch (error) {
      if (wantsPassword(error)) return onElsewhere();
      setProblem(shownProblem(error));
      setBusy(false);
    }
  };
  return (
    <>
      <AuthHeader title="Confirm your address">This opens your account and signs you in on this device.</AuthHeader>
      <ProblemSummary problem={problem} />
      <Button kind="primary" busy={busy || !ready} onClick={press}>
        Confirm and sign in
      </Button>
      {problem !== null && <OtherWays />}
    </>
  );
}

function WithPassword({ confirm }: { confirm: Confirm }) {
  const form = useApiForm({
    fields: { password: { label: 'Password', rule: requiredRule('Type the password that you chose when you registered.') } },
    send: ({ password }) => confirm(password),
  });
  return (
    <>
      <AuthHeader title="Confirm your address">You registered in another browser. Type the password that you chose there, so that nobody can confirm an account in your name.</AuthHeader>
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <TextField type="password" autoComplete="current-password" autoFocus {...form.field('password')} />
        <Button type="submit" kind="primary" busy={form.busy}>
          Confirm and sign in
        </Button>
      </form>
      {form.problem !== null && <OtherWays />}
    </>
  );
}

function OtherWays() {
  return (
    <p className="text-muted">
      A link works once. If you have confirmed already, <TextLink href={paths.signIn}>sign in</TextLink>; there you can also ask for a new letter or{' '}
      <TextLink href={paths.forgotPassword}>set a new password</TextLink>.
    </p>
  );
}

function wantsPassword(error: unknown): boolean {
  return error instanceof ApiProblem && error.errors.some(({ pointer }) => pointer === '/password');
}

/** Somebody who registered for an invitation meant to accept it. One that ended meanwhile must not keep them out. */
async function join(invitation: string): Promise<void> {
  try {
    await apiPost('/invitations/accept', { token: invitation });
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
  }
}
