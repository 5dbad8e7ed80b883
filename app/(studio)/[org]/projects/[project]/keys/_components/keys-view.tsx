'use client';

import { useState } from 'react';
import { SecretDialog } from '@/app/(studio)/_components/dialogs';
import { usePages } from '@/app/_live/use-pages';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { onDemand } from '@/app/_ui/on-demand';
import type { Page } from '@/lib/kernel/page';
import type { CreatedKey, KeyView } from '@/lib/projects/key/schemas';
import { KeyTable } from './key-table';

const CreateKeyDialog = onDemand(async () => (await import('./create-key-dialog')).CreateKeyDialog);

interface KeysViewProps {
  projectId: string;
  mayManage: boolean;
  first: Page<KeyView>;
}

export function KeysView({ projectId, mayManage, first }: KeysViewProps) {
  const keys = usePages<KeyView>({ path: `/projects/${projectId}/keys`, first });
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<CreatedKey | null>(null);
  const onMade = (key: CreatedKey) => {
    setCreating(false);
    setMade(key);
    void keys.reload();
  };
  const refusal = mayManage ? undefined : missingRight('key:manage');
  return (
    <PageBody>
      <PageHeader
        title="Keys"
        description="For the project's Appwrite. Each carries only its scopes; give every app its own."
        actions={
          <AllowedButton reason={refusal} kind="primary" icon={<Icon name="plus" />} onClick={() => setCreating(true)}>
            Create key
          </AllowedButton>
        }
      />
      <KeyTable projectId={projectId} keys={keys.rows} refusal={refusal} onChanged={keys.reload} onMade={onMade} />
      {creating && <CreateKeyDialog projectId={projectId} onClose={() => setCreating(false)} onMade={onMade} />}
      {made !== null && <SecretDialog title={`Key ${made.name}`} secret={made.secret} variable="APPWRITE_API_KEY" fileName={`${made.id}.env`} onClose={() => setMade(null)} />}
    </PageBody>
  );
}
