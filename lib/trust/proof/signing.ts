import { CompactSign, calculateJwkThumbprint, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK } from 'jose';
import { z } from 'zod';
import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { ProofReport, SigningKeysView } from './schemas';

/** The name that every JOSE library knows; RFC 9864 has a newer one for the same signature. */
const algorithm = 'EdDSA';
const type = 'studio-isolation-proof+jws';

interface KeyRow {
  id: string;
  sealed_private_key: string;
}

const PrivateKey = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });

/** Signs a report with the newest key of this installation, which is made when there is none. Answers a compact JWS. */
export async function signReport(ctx: Ctx, report: ProofReport): Promise<string> {
  const { id, sealed_private_key: sealed } = await asSystem(ctx, 'signing-keys', async (tx) => (await newestKey(tx)) ?? (await makeKey(ctx, tx)));
  const key = PrivateKey.parse(JSON.parse(ctx.vault.openPlatform(purposeOf(id), sealed)));
  return new CompactSign(Buffer.from(JSON.stringify(report)))
    .setProtectedHeader({ alg: algorithm, kid: id, typ: type, cty: 'application/json' })
    .sign(await importJWK(key, algorithm));
}

/** What a stored report says, and which key signed it. Whoever must not trust us checks the signature with `listSigningKeys`. */
export function readReport(jws: string): { report: ProofReport; keyId: string } {
  const [, payload = ''] = jws.split('.');
  return {
    report: ProofReport.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))),
    keyId: z.string().parse(decodeProtectedHeader(jws).kid),
  };
}

/** The public keys of this installation, those of old reports too. */
export async function listSigningKeys(ctx: Ctx): Promise<SigningKeysView> {
  const rows = await asSystem(ctx, 'signing-keys', (tx) => tx.query<{ id: string; public_key: object }>('select id, public_key from signing_keys order by created_at desc, id'));
  return SigningKeysView.parse({ keys: rows.map(({ id, public_key: key }) => ({ ...key, kid: id, alg: algorithm, use: 'sig' })) });
}

/** Seals the private keys under the first key of the environment. Answers how many were sealed anew. */
export async function resealSigningKeys(ctx: Ctx): Promise<number> {
  return asSystem(ctx, 'signing-keys', async (tx) => {
    const rows = await tx.query<KeyRow>(`select id, sealed_private_key from signing_keys where split_part(sealed_private_key, '.', 2) <> $1 for no key update skip locked`, [ctx.vault.keyIds[0]]);
    for (const { id, sealed_private_key: sealed } of rows) {
      const purpose = purposeOf(id);
      await tx.query('update signing_keys set sealed_private_key = $2 where id = $1', [id, ctx.vault.sealPlatform(purpose, ctx.vault.openPlatform(purpose, sealed))]);
    }
    return rows.length;
  });
}

async function newestKey(tx: Tx): Promise<KeyRow | undefined> {
  const [row] = await tx.query<KeyRow>('select id, sealed_private_key from signing_keys order by created_at desc, id limit 1');
  return row;
}

/** Two workers may each make one at the same moment: both are published, so what either signs can be checked. */
async function makeKey(ctx: Ctx, tx: Tx): Promise<KeyRow> {
  const { privateKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const key = PrivateKey.parse(await exportJWK(privateKey));
  const { d: _, ...publicKey } = key;
  const id = await calculateJwkThumbprint(publicKey);
  const sealed = ctx.vault.sealPlatform(purposeOf(id), JSON.stringify(key));
  await tx.query('insert into signing_keys (id, public_key, sealed_private_key) values ($1, $2, $3)', [id, JSON.stringify(publicKey), sealed]);
  return { id, sealed_private_key: sealed };
}

function purposeOf(id: string): string {
  return `signing_keys|${id}`;
}
