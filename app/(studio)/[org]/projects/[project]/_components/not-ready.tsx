import { ProjectStatus } from '@/app/(studio)/_components/project-status';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';
import type { ProjectStatus as Status } from '@/lib/projects/states';

/** A page of a project that has no working backend now. */
export function NotReady({ title, what, status }: { title: string; what: string; status: Status }) {
  const gone = status === 'deleting' || status === 'deleted' || status === 'restoring' || status === 'purging' || status === 'purged';
  return (
    <PageBody>
      <PageHeader title={title} badge={<ProjectStatus status={status} />} />
      <EmptyState icon={<Icon name="hourglass" className="size-5" />} title={gone ? 'Not while the project is deleted' : 'Not before the project is ready'}>
        {what} {gone ? 'are out of reach until it is restored.' : 'appear here once every step of setting it up is done.'}
      </EmptyState>
    </PageBody>
  );
}
