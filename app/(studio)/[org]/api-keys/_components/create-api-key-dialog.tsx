'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ExpiryField, expiryToIso, type Expiry } from '@/app/(studio)/_components/expiry-field';
import { ScopePicker } from '@/app/(studio)/_components/scope-picker';
import { nameRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { SelectField, TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiGet, apiPost } from '@/lib/http/client';
import { apiKeyScopes } from '@/lib/identity/access/policy';
import type { CreatedApiKey } from '@/lib/identity/api-key/schemas';
import type { ProjectPage } from '@/lib/projects/schemas';

interface Values {
  name: string;
  project_id: string;
  expires_at: Expiry;
}

interface CreateApiKeyDialogProps {
  organizationId: string;
  onClose: () => void;
  onMade: (key: CreatedApiKey) => void;
}

export function CreateApiKeyDialog({ organizationId, onClose, onMade }: CreateApiKeyDialogProps) {
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set(['organization:read', 'project:read']));
  const { data: projects } = useQuery({
    queryKey: ['projects', organizationId, 'choice'],
    queryFn: ({ signal }) => apiGet<ProjectPage>(`/projects?${new URLSearchParams({ organization_id: organizationId, limit: '100' })}`, signal),
  });
  const { form, problem, busy, onSubmit, errorOf } = useApiForm<Values>({
    defaults: { name: '', project_id: '', expires_at: '90' },
    labels: { name: 'Name', project_id: 'Project', expires_at: 'Ends' },
    send: async ({ name, project_id: project, expires_at: expiry }, intent) => {
      const body = { name, scopes: [...scopes], project_id: project === '' ? null : project, expires_at: expiryToIso(expiry) };
      onMade(await apiPost<CreatedApiKey>(`/organizations/${organizationId}/api-keys`, body, intent));
    },
  });
  const limited = form.watch('project_id') !== '';
  const offered = apiKeyScopes.filter((scope) => !limited || scope !== 'project:create');
  return (
    <Dialog title="Create API key" description="Keys never manage people, other keys or exports: those need a person." width="wide" onClose={onClose}>
      <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-4">
        <ProblemSummary problem={problem} />
        <TextField label="Name" autoFocus autoComplete="off" placeholder="Pipeline" error={errorOf('name')} {...form.register('name', nameRule('a name', 60))} />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="Project"
            error={errorOf('project_id')}
            {...form.register('project_id', {
              onChange: () => setScopes((chosen) => new Set([...chosen].filter((scope) => scope !== 'project:create'))),
            })}
          >
            <option value="">All, those to come too</option>
            {projects?.data.map((project) => (
              <option key={project.id} value={project.id}>
                {project.name}
              </option>
            ))}
          </SelectField>
          <ExpiryField error={errorOf('expires_at')} {...form.register('expires_at')} />
        </div>
        <ScopePicker all={offered} chosen={scopes} onChange={setScopes} />
        <DialogActions>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={busy}>
            Create API key
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
