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
  const form = useApiForm({
    fields: {
      name: { label: 'Name', start: project.name, rule: nameRule('a name', 100) },
      framework: { label: 'Framework', start: project.framework },
    },
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
      <form {...form.props} className="flex flex-col gap-5">
        <ProblemSummary problem={form.problem} />
        <TextField autoComplete="off" readOnly={!mayUpdate} help="Its id and its variables stay the same." {...form.field('name')} />
        <SelectField disabled={!mayUpdate} help="Decides which snippet is shown first." {...form.field('framework')}>
          {Object.entries(frameworkNames).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </SelectField>
        <SubmitRow busy={form.busy} dirty={form.dirty} reason={mayUpdate ? undefined : missingRight('project:update')} onReset={() => form.reset()} />
      </form>
    </Card>
  );
}
