'use client';

import { Trash2 } from 'lucide-react';
import { useAct } from '@/app/_forms/use-act';
import { useApiForm } from '@/app/_forms/use-api-form';
import { usePages } from '@/app/_live/use-pages';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { Button } from '@/app/_ui/button';
import { Card } from '@/app/_ui/card';
import { TextField } from '@/app/_ui/field';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiDelete, apiPost } from '@/lib/http/client';
import type { PlatformView } from '@/lib/projects/platform/schemas';

interface PlatformsCardProps {
  projectId: string;
  mayManage: boolean;
  first: PlatformView[];
}

/** The hosts whose browsers may talk to the project's Appwrite. */
export function PlatformsCard({ projectId, mayManage, first }: PlatformsCardProps) {
  const path = `/projects/${projectId}/platforms`;
  const platforms = usePages<PlatformView>({ key: ['platforms', projectId], path, first: { data: first, next_cursor: null } });
  const { busy: removing, act } = useAct();
  const refusal = mayManage ? undefined : missingRight('platform:manage');
  const { form, problem, busy, onSubmit, errorOf } = useApiForm({
    defaults: { hostname: '' },
    labels: { hostname: 'Hostname' },
    send: async (values, intent) => {
      await apiPost(path, values, intent);
      form.reset();
      await platforms.reload();
    },
  });
  const add = (hostname: string) =>
    act(async () => {
      await apiPost(path, { hostname });
      await platforms.reload();
    });
  const remove = (platform: PlatformView) =>
    act(async () => {
      await apiDelete(`${path}/${platform.id}`);
      await platforms.reload();
      const { hostname } = platform;
      notify('success', { title: 'Hostname removed', ...(hostname === null ? {} : { description: hostname, action: { label: 'Undo', run: () => add(hostname) } }) });
    });
  return (
    <Card title="Web platforms" description="Browsers on these hosts may talk to this project. Servers with a key need none.">
      <div className="flex flex-col gap-4">
        {platforms.rows.length > 0 && (
          <ul className="divide-y divide-line rounded-control border border-line">
            {platforms.rows.map((platform) => (
              <li key={platform.id} className="flex items-center justify-between gap-3 py-1.5 pr-1.5 pl-3">
                <span className="min-w-0 truncate font-mono text-sm">{platform.hostname ?? platform.name}</span>
                <AllowedButton reason={refusal} kind="quiet" size="small" busy={removing} icon={<Trash2 aria-hidden className="icon" />} onClick={() => remove(platform)}>
                  Remove
                </AllowedButton>
              </li>
            ))}
          </ul>
        )}
        {refusal === undefined && (
          <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-3">
            <ProblemSummary problem={problem} />
            <div className="flex items-start gap-2">
              <TextField label="Hostname" mono autoComplete="off" placeholder="app.example.com" className="flex-1" error={errorOf('hostname')} {...form.register('hostname', { required: 'Type a hostname.' })} />
              <Button type="submit" busy={busy} className="mt-[1.625rem]">
                Add
              </Button>
            </div>
          </form>
        )}
      </div>
    </Card>
  );
}
