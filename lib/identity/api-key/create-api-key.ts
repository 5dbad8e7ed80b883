import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within, type Access } from '@/lib/identity/access/within';
import { AppError, invalid } from '@/lib/kernel/errors';
import { hashToken, newPublicId, publicIdPattern } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { getApiKeyOrThrow, toApiKeyView } from './internal';
import { CreateApiKey, CreatedApiKey } from './schemas';
import { newApiKeyToken, visibleParts } from './token';

/**
 * Makes a key for programs. It may do at most what its maker may do, in the organization or in one project.
 * `secret` in the answer is the key itself; only its hash is kept.
 */
export async function createApiKey(ctx: Ctx, organization: string, raw: unknown): Promise<CreatedApiKey> {
  return within(ctx, { organization }, 'api_key:manage', async (tx, access) => {
    const { actor } = ctx;
    if (actor.kind !== 'user') throw new AppError('forbidden', 'Only a person can make an API key. Sign in and try again.', { right: 'api_key:manage' });
    const input = parseInput(CreateApiKey, raw);
    const { organizationId } = access;
    for (const scope of input.scopes) demandOwnRight(access, scope);
    const expiresAt = input.expires_at == null ? null : new Date(input.expires_at);
    if (expiresAt !== null && expiresAt <= ctx.clock.now()) throw invalid('/expires_at', 'The end must lie in the future.');
    const projectId = input.project_id == null ? null : await projectRowId(tx, organizationId, input.project_id);
    const secret = newApiKeyToken();
    const { prefix, lastFour } = visibleParts(secret);
    const publicId = newPublicId('apiKey');
    await tx.query(
      `insert into api_keys (organization_id, public_id, project_id, name, prefix, last_four, key_hash, scopes, created_by, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [organizationId, publicId, projectId, input.name, prefix, lastFour, hashToken(secret), input.scopes, actor.userId, expiresAt],
    );
    await audit(ctx, tx, {
      organizationId,
      action: 'api_key.created',
      target: { kind: 'api_key', id: publicId, name: input.name },
      changes: { scopes: { from: null, to: input.scopes }, project: { from: null, to: input.project_id ?? null }, expires_at: { from: null, to: expiresAt } },
    });
    return CreatedApiKey.parse({ ...toApiKeyView(await getApiKeyOrThrow(tx, organizationId, publicId)), secret });
  });
}

function demandOwnRight(access: Access, scope: CreatedApiKey['scopes'][number]): void {
  if (access.rights.has(scope)) return;
  throw new AppError('forbidden', `A key cannot have the right ${scope}, because you do not have it yourself.`, { right: scope });
}

async function projectRowId(tx: TenantTx, organizationId: string, project: string): Promise<string> {
  const known = publicIdPattern('project').test(project)
    ? await tx.query<{ id: string }>('select id from projects where organization_id = $1 and public_id = $2 and purged_at is null', [organizationId, project])
    : [];
  const [row] = known;
  if (row === undefined) throw invalid('/project_id', 'There is no such project in this organization.');
  return row.id;
}
