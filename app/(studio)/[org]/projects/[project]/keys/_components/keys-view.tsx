'use client';

import { useState } from 'react';
import { Plus } from 'lucide-react';
import { SecretDialog } from '@/app/(studio)/_components/secret-dialog';
import { usePages } from '@/app/_live/use-pages';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { PageBody, PageHeader } from '@/app/_ui/card';
import type { CreatedKey, KeyView } from '@/lib/projects/key/schemas';
import { CreateKeyDialog } from './create-key-dialog';
import { KeyTable } from './key-table';

interface KeysViewProps {
  projectId: string;
  mayManage: boolean;
  first: KeyView[];
}

export function KeysView({ projectId, mayManage, first }: KeysViewProps) {
  const keys = usePages<KeyView>({ key: ['keys', projectId], path: `/projects/${projectId}/keys`, first: { data: first, next_cursor: null } });
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
          <AllowedButton reason={refusal} kind="primary" icon={<Plus aria-hidden className="icon" />} onClick={() => setCreating(true)}>
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
