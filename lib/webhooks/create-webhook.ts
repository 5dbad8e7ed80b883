import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { auditTarget, demandTarget, getWebhookOrThrow, toWebhookView } from './internal';
import { CreateWebhook, WebhookWithSecret } from './schemas';
import { sealSecret } from './secrets';
import { newWebhookSecret } from './transport/signature';

/** Every event is written once for each of them. */
const mostWebhooks = 20;

/** Registers an endpoint. `secret` in the answer verifies the calls (`whsec_…`) and is shown this once. */
export async function createWebhook(ctx: Ctx, organization: string, raw: unknown): Promise<WebhookWithSecret> {
  return within(ctx, { organization }, 'webhook:manage', async (tx, { organizationId }) => {
    const input = parseInput(CreateWebhook, raw);
    const url = demandTarget(ctx, input.url);
    await demandRoom(tx, organizationId);
    const id = newUuid();
    const publicId = newPublicId('webhook');
    const secret = newWebhookSecret();
    await tx.query(
      `insert into webhooks (organization_id, id, public_id, url, description, events, sealed_secret, created_by, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
      [organizationId, id, publicId, url, input.description || null, input.events, await sealSecret(ctx, tx, organizationId, id, secret), actorId(ctx.actor), ctx.clock.now()],
    );
    const row = await getWebhookOrThrow(tx, organizationId, publicId);
    await audit(ctx, tx, { organizationId, action: 'webhook.created', target: auditTarget(row), changes: { host: { from: null, to: new URL(url).host }, events: { from: null, to: row.events } } });
    return WebhookWithSecret.parse({ ...toWebhookView(row, ctx.clock.now()), secret });
  });
}

/** Counted behind a lock, so that two requests at the same moment cannot both take the last place. */
async function demandRoom(tx: TenantTx, organizationId: string): Promise<void> {
  await tx.query('select from organizations where id = $1 for no key update', [organizationId]);
  const [row] = await tx.query<{ count: number }>('select count(*)::int as count from webhooks where organization_id = $1', [organizationId]);
  if ((row?.count ?? 0) < mostWebhooks) return;
  throw new AppError('quota_exceeded', `An organization has at most ${mostWebhooks} webhooks. Remove one that is no longer needed.`);
}
