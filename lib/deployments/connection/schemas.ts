import { z } from 'zod';

export const token = z.string({ error: 'The token must be text.' }).trim().min(1, { error: 'Paste a token from Railway.' }).max(500, { error: 'The token is longer than 500 characters.' });

/** A token, or `local` for the Railway of this machine, where there is one. */
export const ConnectRailway = z
  .strictObject({
    token: token.optional(),
    workspace_id: z.string({ error: 'workspace_id must be text.' }).max(200, { error: 'workspace_id is longer than 200 characters.' }).optional(),
    local: z.literal(true, { error: 'local can only be true.' }).optional(),
  })
  .refine((input) => (input.token === undefined) === (input.local === true), { error: 'Send the token of a Railway account or workspace.', path: ['token'] });

export const RailwayConnectionView = z.object({
  account: z.string(),
  workspace: z.object({ id: z.string(), name: z.string() }),
  connected_at: z.string(),
  /** Since when Railway does not accept the token any more. */
  refused_since: z.string().nullable(),
});

export type RailwayConnectionView = z.infer<typeof RailwayConnectionView>;

export const RailwayAnswer = z.object({
  connection: RailwayConnectionView.nullable(),
  /** True where a Railway of this machine can be used without a token. */
  local_available: z.boolean(),
  /** True where the example app can be deployed. */
  example_available: z.boolean(),
});

export type RailwayAnswer = z.infer<typeof RailwayAnswer>;

/** Workspaces to choose from, when the token reaches more than one. */
export type WorkspaceChoice = z.infer<typeof WorkspaceChoice>;

export const WorkspaceChoice = z.object({ workspaces: z.array(z.object({ id: z.string(), name: z.string() })) });
