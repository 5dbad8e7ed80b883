'use client';

import { useState } from 'react';
import { shownProblem } from '@/app/_forms/problem';
import { Button } from '@/app/_ui/button';
import { ProblemSummary, type ProblemShown } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';

/** Sends the confirmation letter again. The answer is the same for every address, so it tells nobody who has an account. */
export function ResendVerification({ email }: { email: string }) {
  const [state, setState] = useState<'idle' | 'busy' | 'sent'>('idle');
  const [problem, setProblem] = useState<ProblemShown | null>(null);
  const send = async () => {
    setState('busy');
    setProblem(null);
    try {
      await apiPost('/auth/resend-verification', { email }, null);
      setState('sent');
    } catch (error) {
      setProblem(shownProblem(error));
      setState('idle');
    }
  };
  return (
    <div className="flex flex-col items-start gap-2">
      <ProblemSummary problem={problem} />
      <p role="status" className={state === 'sent' ? 'text-muted' : 'sr-only'}>
        {state === 'sent' ? 'If this address waits to be confirmed, a new letter is on its way.' : ''}
      </p>
      {state !== 'sent' && (
        <Button busy={state === 'busy'} onClick={send}>
          Send the confirmation again
        </Button>
      )}
    </div>
  );
}
