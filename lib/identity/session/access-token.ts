import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { locateOrganization } from '@/lib/identity/access/within';
import type { UserActor } from '@/lib/kernel/actor';
import { authenticateSessionId } from './authenticate-session';

/** Access tokens live ten minutes; the session behind them is checked each time. */
export const accessTokenSeconds = 600;

const audience = 'studio-api';
const algorithm = 'HS256';
const type = 'at+jwt';

const Claims = z.object({ sub: z.string(), sid: z.string(), org: z.string().optional() });

/** Signs a token for API and CLI. `organization` binds it to one organization. All ids are public ones. */
export async function issueAccessToken(
  ctx: Pick<Ctx, 'vault' | 'baseUrl'>,
  { user, session, organization }: { user: string; session: string; organization?: string | undefined },
): Promise<string> {
  const [kid] = ctx.vault.keyIds;
  return new SignJWT({ sid: session, ...(organization === undefined ? {} : { org: organization }) })
    .setProtectedHeader({ alg: algorithm, typ: type, kid })
    .setSubject(user)
    .setIssuer(ctx.baseUrl)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${accessTokenSeconds}s`)
    .sign(signingKey(ctx.vault, kid));
}

/** Who the token stands for, or null when it is forged, foreign, expired, or its session has ended. */
export async function authenticateAccessToken(
  ports: Pick<Ctx, 'vault' | 'baseUrl' | 'cache' | 'database' | 'log' | 'requestId' | 'clock'>,
  token: string,
): Promise<UserActor | null> {
  const claims = await verifiedClaims(ports, token);
  if (claims === null) return null;
  const actor = await authenticateSessionId(ports, claims.sid);
  if (actor === null || claims.org === undefined) return actor;
  return { ...actor, organizationId: await locateOrganization(ports, claims.org) };
}

async function verifiedClaims(ports: Pick<Ctx, 'vault' | 'baseUrl'>, token: string): Promise<z.infer<typeof Claims> | null> {
  try {
    // By its id, because other processes sign with another key while keys are being exchanged.
    const { payload } = await jwtVerify(token, ({ kid }) => signingKey(ports.vault, kid), {
      algorithms: [algorithm],
      issuer: ports.baseUrl,
      audience,
      typ: type,
      requiredClaims: ['exp', 'sub', 'sid'],
    });
    return Claims.parse(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null;
    throw error;
  }
}

function signingKey(vault: Ctx['vault'], keyId: string | undefined): Buffer {
  if (keyId === undefined || !vault.keyIds.includes(keyId)) throw new errors.JWKSNoMatchingKey();
  return vault.derive('access-token', keyId);
}
