'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useAct } from '@/app/_forms/use-act';
import { missingRight } from '@/app/_shell/navigation';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { AllowedButton } from '@/app/_ui/allowed';
import { cx } from '@/app/_ui/cx';
import { Icon } from '@/app/_ui/icon';
import { Link } from '@/app/_ui/link';
import { notify } from '@/app/_ui/notify';
import { apiDelete, apiPost } from '@/lib/http/client';
import type { EnvironmentName } from '@/lib/projects/env/schemas';

interface EnvironmentBarProps {
  projectId: string;
  /** The address of the page, without its query. */
  path: string;
  shown: EnvironmentName;
  present: readonly EnvironmentName[];
  /** Those that the project could have and has not. */
  missing: readonly EnvironmentName[];
  mayManage: boolean;
}

/** Which environment's variables are shown, and buttons to add one or remove the shown one. */
export function EnvironmentBar({ projectId, path, shown, present, missing, mayManage }: EnvironmentBarProps) {
  const router = useRouter();
  const { busy, act } = useAct();
  const [removing, setRemoving] = useState(false);
  const reason = mayManage ? undefined : missingRight('key:manage');
  const addressOf = (name: EnvironmentName) => (name === 'production' ? path : `${path}?environment=${name}`);
  const add = (name: EnvironmentName) =>
    act(async () => {
      await apiPost(`/projects/${projectId}/environments`, { name });
      notify('success', { title: `${titleOf(name)} is there, with a key of its own` });
      router.push(addressOf(name));
      router.refresh();
    });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <nav aria-label="Environments" className="flex gap-1">
        {present.map((name) => (
          <Link
            key={name}
            href={addressOf(name)}
            aria-current={name === shown ? 'page' : undefined}
            className={cx('inline-flex h-9 items-center rounded-control px-3', name === shown ? 'bg-hover font-medium text-ink' : 'text-muted hover:bg-hover hover:text-ink')}
          >
            {titleOf(name)}
          </Link>
        ))}
      </nav>
      {missing.map((name) => (
        <AllowedButton key={name} kind="quiet" reason={reason} busy={busy} icon={<Icon name="plus" />} onClick={() => add(name)}>
          Add {name}
        </AllowedButton>
      ))}
      {shown !== 'production' && (
        <AllowedButton kind="quiet" reason={reason} icon={<Icon name="trash-2" />} onClick={() => setRemoving(true)}>
          Remove {shown}
        </AllowedButton>
      )}
      {removing && (
        <ConfirmDialog
          title={`Remove ${shown}`}
          action={`Remove ${shown}`}
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await apiDelete(`/projects/${projectId}/environments/${shown}`);
            router.push(path);
            router.refresh();
          }}
        >
          <p>Its variables are deleted and its key stops working, so apps that run on them lose the backend. The data of the project stays.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function titleOf(name: EnvironmentName): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
