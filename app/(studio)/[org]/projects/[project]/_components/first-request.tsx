'use client';

import { useRef, useState, type ReactNode } from 'react';
import { useRemote } from '@/app/_live/use-remote';
import { Icon } from '@/app/_ui/icon';
import { RelativeTime } from '@/app/_ui/relative-time';
import { ApiProblem } from '@/lib/http/client';
import type { FirstRequestView } from '@/lib/projects/env/get-first-request';
import { useInView } from './use-in-view';

const everyMs = 4000;

/** Says when the app has called for the first time. Asks only while it is looked at and still waiting. */
export function FirstRequest({ projectId }: { projectId: string }) {
  const ref = useRef<HTMLDivElement>(null);
  const inView = useInView(ref);
  const [seen, setSeen] = useState<FirstRequestView | null>(null);
  const { data, error } = useRemote<FirstRequestView>({ path: inView && seen === null ? `/projects/${projectId}/env/first-request` : null, everyMs });
  if (data?.received_at != null && seen === null) setSeen(data);
  return (
    <div ref={ref} role="status" aria-label="First request" className="flex gap-2.5 border-y border-line py-4">
      {seen?.received_at != null ? <Received at={seen.received_at} first={seen.first} /> : error === null ? <Waiting /> : <Unseen error={error} />}
    </div>
  );
}

function Received({ at, first }: { at: string; first: boolean }) {
  const when = <RelativeTime at={at} className="whitespace-nowrap" />;
  if (first) return <Line icon={<Icon name="check" className="mt-0.5 text-good" />} says={<>First request received, {when}</>} />;
  return (
    <Line icon={<Icon name="check" className="mt-0.5 text-good" />} says={<>Requests are coming in</>}>
      Appwrite notes them once a day, the last time {when}.
    </Line>
  );
}

function Waiting() {
  return (
    <Line icon={<Icon name="loader-circle" className="spin mt-0.5 text-info" />} says="Waiting for the first request with this key">
      Run the code below; this line changes by itself. Code in browsers and phones sends no key and is not seen here.
    </Line>
  );
}

function Unseen({ error }: { error: Error }) {
  const down = error instanceof ApiProblem && error.status === 503;
  return (
    <Line icon={<Icon name="triangle-alert" className="mt-0.5 text-warn" />} says="Whether a request has come cannot be seen right now">
      {down ? 'Appwrite does not answer. It is asked again every few seconds.' : error.message}
    </Line>
  );
}

function Line({ icon, says, children }: { icon: ReactNode; says: ReactNode; children?: ReactNode }) {
  return (
    <>
      {icon}
      <div className="min-w-0">
        <p className="font-medium">{says}</p>
        {children !== undefined && <p className="text-sm text-muted">{children}</p>}
      </div>
    </>
  );
}
