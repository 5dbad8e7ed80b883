'use client';

import { useRef, useState } from 'react';
import { notify } from '@/app/_ui/notify';
import { shownProblem } from './problem';

/** Runs one act of a button at a time; a failure is told in a toast, with the request id. */
export function useAct(): { busy: boolean; act: (work: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const run = async (work: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    try {
      await work();
    } catch (error) {
      const { title, detail, requestId } = shownProblem(error);
      notify('error', { title, description: requestId === undefined ? detail : `${detail ?? ''} Request ${requestId}` });
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, act: (work) => void run(work) };
}
