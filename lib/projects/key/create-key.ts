import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError, invalid } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { getPlacedProject, getProjectRow } from '../internal';
import { demandReady } from '../states';
import { lockKeyRow, toKeyView } from './stored-keys';
import { mint, recordOrTakeBack, writeIntent } from './mint';
import { CreatedKey, CreateKey } from './schemas';

/** Mints a key for a project. The secret comes with this answer only; Studio does not keep it. */
export async function createKey(ctx: Ctx, project: string, raw: unknown): Promise<CreatedKey> {
  const { name, scopes, expires_at: expiresAt } = parseInput(CreateKey, raw);
  if (expiresAt !== null && expiresAt <= ctx.clock.now()) throw invalid('/expires_at', 'expires_at must lie in the future.');
  const { row, intent } = await within(ctx, { project }, 'key:manage', async (tx, access) => {
    const found = await getProjectRow(tx, access, project);
    demandReady(found.status);
    const { organizationId } = access;
    const place = await getPlacedProject(tx, organizationId, found.id);
    return { row: found, intent: await writeIntent(ctx, tx, { organizationId, projectId: found.id, place, name, purpose: 'user', scopes, expiresAt }) };
  });
  const secret = await mint(ctx, intent);
  return recordOrTakeBack(ctx, intent, project, async (tx, { organizationId }) => {
    const [live] = await tx.query(
      `update appwrite_keys set state = 'live', last_four = $3 where organization_id = $1 and id = $2 and state = 'requested' returning id`,
      [organizationId, intent.id, secret.slice(-4)],
    );
    if (live === undefined) throw new AppError('unavailable', 'Minting the key took too long and was taken back. Try again.');
    await audit(ctx, tx, { organizationId, action: 'key.created', target: { kind: 'key', id: intent.publicId, name } });
    const key = await lockKeyRow(tx, organizationId, row.id, intent.publicId);
    return CreatedKey.parse({ ...toKeyView(key), secret });
  });
}
