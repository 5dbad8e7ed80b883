'use client';

import { hostnameRule } from '@/app/_forms/rules';
import { useAct } from '@/app/_forms/use-act';
import { useApiForm } from '@/app/_forms/use-api-form';
import { usePages } from '@/app/_live/use-pages';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { Button } from '@/app/_ui/button';
import { Card } from '@/app/_ui/card';
import { TextField } from '@/app/_ui/field';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiDelete, apiPost } from '@/lib/http/client';
import type { Page } from '@/lib/kernel/page';
import type { PlatformView } from '@/lib/projects/platform/schemas';

interface PlatformsCardProps {
  projectId: string;
  mayManage: boolean;
  first: Page<PlatformView>;
}

/** The hosts whose browsers may talk to the project's Appwrite. */
export function PlatformsCard({ projectId, mayManage, first }: PlatformsCardProps) {
  const path = `/projects/${projectId}/platforms`;
  const platforms = usePages<PlatformView>({ path, first });
  const { busy: removing, act } = useAct();
  const refusal = mayManage ? undefined : missingRight('platform:manage');
  const form = useApiForm({
    fields: { hostname: { label: 'Hostname', rule: (text) => (text.trim() === '' ? 'Type a hostname.' : hostnameRule(text)) } },
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
                <AllowedButton reason={refusal} kind="quiet" size="small" busy={removing} icon={<Icon name="trash-2" />} onClick={() => remove(platform)}>
                  Remove
                </AllowedButton>
              </li>
            ))}
          </ul>
        )}
        {refusal === undefined && (
          <form {...form.props} className="flex flex-col gap-3">
            <ProblemSummary problem={form.problem} />
            <div className="flex items-start gap-2">
              <TextField mono autoComplete="off" placeholder="app.example.com" className="flex-1" {...form.field('hostname')} />
              <Button type="submit" busy={form.busy} className="mt-[1.625rem]">
                Add
              </Button>
            </div>
          </form>
        )}
      </div>
    </Card>
  );
}
