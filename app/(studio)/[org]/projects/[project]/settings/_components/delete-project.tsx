'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { notify } from '@/app/_ui/notify';
import { shownProblem } from '@/app/_forms/problem';
import { apiDelete, apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import type { ProjectView } from '@/lib/projects/schemas';

interface DeleteProjectProps {
  project: { id: string; name: string };
  slug: string;
  mayDelete: boolean;
  /** False while the project is on its way to another status. */
  deletable: boolean;
}

export function DeleteProject({ project, slug, mayDelete, deletable }: DeleteProjectProps) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const reason = !mayDelete ? missingRight('project:delete') : deletable ? undefined : 'Not in the status that the project has now.';
  const restore = async () => {
    try {
      await apiPost(`/projects/${project.id}/restore`);
      router.push(paths.project(slug, project.id));
    } catch (error) {
      const { title, detail } = shownProblem(error);
      notify('error', { title, description: detail });
    }
  };
  const remove = async () => {
    await apiDelete<ProjectView>(`/projects/${project.id}`, { confirm_name: project.name });
    notify('success', { title: `${project.name} was deleted`, description: 'It can be restored for 30 days.', action: { label: 'Undo', run: () => void restore() } });
    router.push(paths.organization(slug));
    router.refresh();
  };
  return (
    <>
      <AllowedButton kind="danger" reason={reason} onClick={() => setAsking(true)}>
        Delete project
      </AllowedButton>
      {asking && (
        <ConfirmDialog title={`Delete ${project.name}`} action="Delete project" typed={project.name} onClose={() => setAsking(false)} onConfirm={remove}>
          <p>Apps that use its keys stop working at once. Its database, files and users are kept and can be restored for 30 days; after that they are removed for good.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
