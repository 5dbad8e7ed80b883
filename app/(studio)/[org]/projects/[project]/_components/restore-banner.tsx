'use client';

import { useRouter } from 'next/navigation';
import { useAct } from '@/app/_forms/use-act';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { Notice } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import { RelativeTime } from '@/app/_ui/relative-time';
import { apiPost } from '@/lib/http/client';
import type { ProjectView } from '@/lib/projects/schemas';

interface RestoreBannerProps {
  project: Pick<ProjectView, 'id' | 'name' | 'status' | 'restorable_until'>;
  mayRestore: boolean;
}

/** Over every page of a project that is deleted or on its way there or back. */
export function RestoreBanner({ project, mayRestore }: RestoreBannerProps) {
  const router = useRouter();
  const { busy, act } = useAct();
  if (project.status === 'deleting' || project.status === 'restoring' || project.status === 'purging' || project.status === 'purged') {
    return (
      <div className="px-4 pt-6 sm:px-6 lg:px-8">
        <Notice tone="info" icon={<Icon name="loader-circle" className="spin" />} title={inWords[project.status]} />
      </div>
    );
  }
  if (project.status !== 'deleted') return null;
  const restore = () =>
    act(async () => {
      await apiPost(`/projects/${project.id}/restore`);
      router.refresh();
    });
  return (
    <div className="px-4 pt-6 sm:px-6 lg:px-8">
      <Notice tone="warn" icon={<Icon name="archive" />} title="This project is deleted">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p>
            Its keys are silent. Its data is kept
            {project.restorable_until !== null && (
              <>
                {' '}
                and removed for good <RelativeTime at={project.restorable_until} />
              </>
            )}
            .
          </p>
          <AllowedButton reason={mayRestore ? undefined : missingRight('project:delete')} busy={busy} onClick={restore}>
            Restore project
          </AllowedButton>
        </div>
      </Notice>
    </div>
  );
}

const inWords = {
  deleting: 'This project is being deleted: its keys are being silenced.',
  restoring: 'This project is being restored: its keys get their scopes back.',
  purging: 'This project is being removed for good.',
  purged: 'This project has been removed for good.',
} as const;
