import { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { parseInput } from '@/lib/kernel/parse';
import { token, WorkspaceChoice } from './schemas';
import { verifyToken } from './verify-token';

export const ListWorkspaces = z.strictObject({ token });

/** The workspaces that a token reaches, to choose one from before it is connected. Nothing is kept. */
export async function listWorkspaces(ctx: Ctx, organization: string, raw: unknown): Promise<WorkspaceChoice> {
  const input = parseInput(ListWorkspaces, raw);
  await within(ctx, { organization }, 'railway:manage', () => Promise.resolve());
  const { workspaces } = await verifyToken(ctx, input.token);
  return WorkspaceChoice.parse({ workspaces });
}
