import { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { parseInput } from '@/lib/kernel/parse';
import { stepNames } from '@/lib/sagas/names';

const ListSagaEvents = z.strictObject({
  /** The id of the last event that the caller has. */
  since: z.uuid({ error: 'The event id is not one of ours.' }).optional(),
  limit: z.number().int().min(1).max(500).default(200),
});

export const SagaEventView = z.object({
  /** Later events have greater ids. */
  id: z.string(),
  project_id: z.string(),
  saga: z.string(),
  kind: z.string(),
  step: z.object({ key: z.string(), name: z.string() }).nullable(),
  attempt: z.number().int(),
  detail: z.string().nullable(),
  at: z.string(),
});

export type SagaEventView = z.infer<typeof SagaEventView>;

interface EventRow {
  id: string;
  project_id: string;
  saga: string;
  kind: string;
  step_key: string | null;
  attempt: number;
  detail: string | null;
  at: Date;
}

/** Events older than this are history; a stream that begins without a cursor starts here. */
const freshMinutes = 5;

/** What happened to an organization's projects since an event, oldest first. */
export async function listSagaEvents(ctx: Ctx, organization: string, raw: unknown = {}): Promise<SagaEventView[]> {
  const { since, limit } = parseInput(ListSagaEvents, raw);
  return within(ctx, { organization }, 'project:read', async (tx, access) => {
    const from = since === undefined ? { condition: `e.at > now() - $2 * interval '1 minute'`, value: freshMinutes } : { condition: 'e.id > $2', value: since };
    const only = access.onlyProjectId === null ? { condition: '', values: [] } : { condition: 'and e.project_id = $4', values: [access.onlyProjectId] };
    const rows = await tx.query<EventRow>(
      `select e.id, p.public_id as project_id, s.kind as saga, e.kind, e.step_key, e.attempt, e.detail, e.at
         from saga_events e
         join projects p on p.organization_id = e.organization_id and p.id = e.project_id
         join sagas s on s.organization_id = e.organization_id and s.id = e.saga_id
        where e.organization_id = $1
          and ${from.condition} ${only.condition}
        order by e.id limit $3`,
      [access.organizationId, from.value, limit, ...only.values],
    );
    return rows.map(({ step_key: key, at, ...row }) =>
      SagaEventView.parse({ ...row, step: key === null ? null : { key, name: stepNames[key] ?? key }, at: at.toISOString() }),
    );
  });
}
