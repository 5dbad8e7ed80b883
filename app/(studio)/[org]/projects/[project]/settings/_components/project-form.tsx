'use client';

import { useRouter } from 'next/navigation';
import { frameworkNames } from '@/app/(studio)/_components/frameworks';
import { nameRule } from '@/app/_forms/rules';
import { SubmitRow } from '@/app/_forms/submit-row';
import { useApiForm } from '@/app/_forms/use-api-form';
import { missingRight } from '@/app/_shell/navigation';
import { Card } from '@/app/_ui/card';
import { SelectField, TextField } from '@/app/_ui/field';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPatch } from '@/lib/http/client';
import type { ProjectView } from '@/lib/projects/schemas';

type Edited = Pick<ProjectView, 'name' | 'framework'>;

export function ProjectForm({ project, mayUpdate }: { project: Edited & { id: string }; mayUpdate: boolean }) {
  const router = useRouter();
  const { form, problem, busy, onSubmit, errorOf } = useApiForm<Edited>({
    defaults: { name: project.name, framework: project.framework },
    labels: { name: 'Name', framework: 'Framework' },
    guardLeaving: true,
    send: async (values) => {
      const saved = await apiPatch<ProjectView>(`/projects/${project.id}`, values);
      form.reset({ name: saved.name, framework: saved.framework });
      notify('success', { title: 'Settings saved' });
      router.refresh();
    },
  });
  return (
    <Card title="General">
      <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-5">
        <ProblemSummary problem={problem} />
        <TextField label="Name" autoComplete="off" readOnly={!mayUpdate} help="Its id and its variables stay the same." error={errorOf('name')} {...form.register('name', nameRule('a name', 100))} />
        <SelectField label="Framework" help="Decides which snippet is shown first." error={errorOf('framework')} {...form.register('framework', { disabled: !mayUpdate })}>
          {Object.entries(frameworkNames).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </SelectField>
        <SubmitRow busy={busy} dirty={form.formState.isDirty} reason={mayUpdate ? undefined : missingRight('project:update')} onReset={() => form.reset()} />
      </form>
    </Card>
  );
}
