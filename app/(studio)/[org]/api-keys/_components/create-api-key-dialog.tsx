'use client';

import { useState } from 'react';
import { ExpiryField, expiryToIso } from '@/app/(studio)/_components/expiry-field';
import { ScopePicker } from '@/app/(studio)/_components/scope-picker';
import { nameRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { useRemote } from '@/app/_live/use-remote';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { SelectField, TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import { apiKeyScopes } from '@/lib/identity/access/policy';
import type { CreatedApiKey } from '@/lib/identity/api-key/schemas';
import type { ProjectPage } from '@/lib/projects/schemas';

interface CreateApiKeyDialogProps {
  organizationId: string;
  onClose: () => void;
  onMade: (key: CreatedApiKey) => void;
}

export function CreateApiKeyDialog({ organizationId, onClose, onMade }: CreateApiKeyDialogProps) {
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set(['organization:read', 'project:read']));
  const { data: projects } = useRemote<ProjectPage>({ path: `/projects?${new URLSearchParams({ organization_id: organizationId, limit: '100' })}` });
  const form = useApiForm({
    fields: {
      name: { label: 'Name', rule: nameRule('a name', 60) },
      project_id: { label: 'Project' },
      expires_at: { label: 'Ends', start: '90' },
    },
    send: async ({ name, project_id: project, expires_at: expiry }, intent) => {
      const body = { name, scopes: [...scopes], project_id: project === '' ? null : project, expires_at: expiryToIso(expiry) };
      onMade(await apiPost<CreatedApiKey>(`/organizations/${organizationId}/api-keys`, body, intent));
    },
  });
  const limited = form.values.project_id !== '';
  const offered = apiKeyScopes.filter((scope) => !limited || scope !== 'project:create');
  return (
    <Dialog title="Create API key" description="Keys never manage people, other keys or exports: those need a person." width="wide" onClose={onClose}>
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <TextField autoFocus autoComplete="off" placeholder="Pipeline" {...form.field('name')} />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            {...form.field('project_id')}
          >
            <option value="">All, those to come too</option>
            {projects?.data.map((project) => (
              <option key={project.id} value={project.id}>
                {project.name}
              </option>
            ))}
          </SelectField>
          <ExpiryField {...form.field('expires_at')} />
        </div>
        <ScopePicker all={offered} chosen={scopes} onChange={setScopes} />
        <DialogActions>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            Create API key
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
