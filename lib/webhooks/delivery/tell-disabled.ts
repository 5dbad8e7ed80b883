import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { queueMail } from '@/lib/identity/mail/queue-mail';
import { letter } from '@/lib/identity/mail/templates';
import { paths } from '@/lib/paths';
import { audit } from '@/lib/trust/audit/record';
import { auditTarget, nameOf } from '../internal';

const words = {
  gone: 'it answered 410, which means that it is gone for good',
  failing: 'every call in the last five days failed',
} as const;

interface Told {
  public_id: string;
  url: string;
  description: string | null;
  organization_name: string;
  slug: string;
}

/** Writes into the audit log and to every owner that Studio switched a webhook off. */
export async function tellDisabled(ctx: Ctx, tx: TenantTx, organizationId: string, webhook: string, reason: keyof typeof words): Promise<void> {
  const [row] = await tx.query<Told>(
    `select w.public_id, w.url, w.description, o.name as organization_name, o.slug
       from webhooks w join organizations o on o.id = w.organization_id where w.organization_id = $1 and w.id = $2`,
    [organizationId, webhook],
  );
  if (row === undefined) return;
  await audit(ctx, tx, { organizationId, action: 'webhook.disabled', target: auditTarget(row), reason: words[reason] });
  const owners = await tx.query<{ email: string }>(`select u.email from memberships m join users u on u.id = m.user_id where m.organization_id = $1 and m.role = 'owner' order by u.email`, [organizationId]);
  for (const { email } of owners) await queueMail(ctx, tx, letterTo(ctx, email, row, reason));
}

function letterTo(ctx: Ctx, to: string, row: Told, reason: keyof typeof words) {
  return letter({
    to,
    subject: `A webhook of ${row.organization_name} was switched off`,
    greeting: 'Hello,',
    paragraphs: [
      `Studio no longer calls the webhook ${nameOf(row)} at ${new URL(row.url).host}, because ${words[reason]}.`,
      'Mend the endpoint, switch the webhook on again, and replay what it missed.',
    ],
    button: { label: 'See the webhook', url: new URL(`${paths.webhooks(row.slug)}/${row.public_id}`, ctx.baseUrl).href },
    after: `You get this message because you are an owner of ${row.organization_name}.`,
  });
}
