'use client';

import { useState } from 'react';
import { requiredRule } from '@/app/_forms/rules';
import { useAct } from '@/app/_forms/use-act';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { SelectField, TextField } from '@/app/_ui/field';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import type { RailwayAnswer } from '@/lib/deployments/connection/schemas';
import { ApiProblem, apiPost, apiPut } from '@/lib/http/client';

interface ConnectRailwayDialogProps {
  organizationId: string;
  /** This machine has a Railway of its own, which needs no token. */
  localAvailable: boolean;
  onClose: () => void;
  onConnected: () => void;
}

type Workspace = { id: string; name: string };

/** Takes the token of a Railway account; one that reaches several workspaces lets the person choose. */
export function ConnectRailwayDialog({ organizationId, localAvailable, onClose, onConnected }: ConnectRailwayDialogProps) {
  const [workspaces, setWorkspaces] = useState<readonly Workspace[] | null>(null);
  const local = useAct();
  const address = `/organizations/${organizationId}/railway`;
  const connect = async (body: { token: string; workspace_id?: string } | { local: true }) => {
    const { connection } = await apiPut<RailwayAnswer>(address, body);
    notify('success', { title: 'Railway is connected', description: connection?.workspace.name });
    onConnected();
  };
  const form = useApiForm({
    fields: {
      token: { label: 'Token', rule: requiredRule('Paste a token from Railway.') },
      workspace_id: { label: 'Workspace' },
    },
    send: async ({ token, workspace_id: chosen }) => {
      // A list that was fetched for another token must not decide about this one.
      const workspace = workspaces?.find(({ id }) => id === chosen);
      try {
        await connect({ token: token.trim(), ...(workspace === undefined ? {} : { workspace_id: workspace.id }) });
      } catch (error) {
        if (workspaces !== null || !asksForWorkspace(error)) throw error;
        const found = await apiPost<{ workspaces: Workspace[] }>(`${address}/workspaces`, { token: token.trim() }, null);
        setWorkspaces(found.workspaces);
      }
    },
  });
  const token = form.field('token');
  return (
    <Dialog title="Connect Railway" description="Apps of this organization are built and run in a workspace of yours at Railway." onClose={onClose}>
      {localAvailable && (
        <div className="flex flex-col items-start gap-3 rounded-card border border-line bg-sunken p-4">
          <p>This machine has a Railway of its own for trying things out. It needs no token and builds and runs apps here.</p>
          <Button busy={local.busy} icon={<Icon name="monitor" />} onClick={() => local.act(() => connect({ local: true }))}>
            Use this machine
          </Button>
        </div>
      )}
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <TextField
          type="password"
          mono
          autoComplete="off"
          help={
            <>
              Made at Railway under Account settings, Tokens: one of an account or a workspace. One of a single project cannot make projects. It is kept sealed and never shown again.
            </>
          }
          {...token}
          onChange={(event) => {
            setWorkspaces(null);
            token.onChange(event);
          }}
        />
        {workspaces !== null && (
          <SelectField help="The token reaches more than one. Projects are made in this one." {...form.field('workspace_id')}>
            <option value="">Choose a workspace</option>
            {workspaces.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        <DialogActions>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            Connect
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function asksForWorkspace(error: unknown): boolean {
  return error instanceof ApiProblem && error.errors.some(({ pointer }) => pointer === '/workspace_id');
}
