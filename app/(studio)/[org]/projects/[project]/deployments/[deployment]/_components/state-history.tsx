import { RelativeTime } from '@/app/_ui/relative-time';
import { duration } from '@/app/_ui/time';
import type { DeploymentDetail } from '@/lib/deployments/schemas';
import { DeploymentStatus } from '../../_components/deployment-status';

interface StateHistoryProps {
  states: DeploymentDetail['states'];
  /** The time now while the last state lasts; null when it is not left by itself. */
  until: number | null;
}

/** The states that the deployment went through, each with when it began and how long it lasted. */
export function StateHistory({ states, until }: StateHistoryProps) {
  return (
    <ol aria-label="States" className="flex flex-col gap-2">
      {states.map(({ status, at }, index) => {
        const next = states[index + 1];
        const end = next === undefined ? until : Date.parse(next.at);
        return (
          <li key={`${status} ${at}`} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
            <DeploymentStatus status={status} settled={next !== undefined} />
            <span className="text-sm text-muted tabular-nums">
              <RelativeTime at={at} />
              {end !== null && ` · ${duration(end - Date.parse(at))}`}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
