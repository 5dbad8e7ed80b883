import { doors } from '@/app/api/_routes/doors';
import type { Door } from '@/lib/http/door';
import { newToken } from '@/lib/kernel/ids';
import { randomBytes } from 'node:crypto';
import { TOKEN } from '../local-cloud/railway/support';
import { password } from '../support/visitor';
import { doorName } from './routes';

type Sample = (ids: Readonly<Record<string, string>>) => Record<string, unknown>;

const somebody = () => `${randomBytes(8).toString('hex')}@example.com`;

/** A body that each door takes, as the product's own pages would send it. */
const samples: Readonly<Record<string, Sample>> = {
  'post /auth/register': () => ({ email: somebody(), password, first_name: 'Ada', last_name: 'Tester' }),
  'post /auth/verify-email': () => ({ token: newToken() }),
  'post /auth/resend-verification': () => ({ email: somebody() }),
  'post /auth/login': () => ({ email: somebody(), password }),
  'post /auth/forgot-password': () => ({ email: somebody() }),
  'post /auth/reset-password': () => ({ token: newToken(), password }),
  'post /auth/step-up': () => ({ password }),
  'patch /users/profile': () => ({ first_name: 'Ada' }),
  'post /users/change-password': () => ({ current_password: password, new_password: password }),
  'post /organizations': () => ({ name: 'Mine' }),
  'patch /organizations/{organization}': () => ({ name: 'Renamed' }),
  'patch /organizations/{organization}/members/{member}': () => ({ role: 'viewer' }),
  'post /organizations/{organization}/invitations': () => ({ email: somebody(), role: 'viewer' }),
  'post /invitations/lookup': () => ({ token: newToken() }),
  'post /invitations/accept': () => ({ token: newToken() }),
  'post /organizations/{organization}/api-keys': () => ({ name: 'Key', scopes: ['project:read'] }),
  'post /projects': ({ organization }) => ({ organization_id: organization, name: 'Project' }),
  'patch /projects/{project}': () => ({ name: 'Shop' }),
  'delete /projects/{project}': () => ({ confirm_name: 'Not its name' }),
  'post /projects/{project}/env/variables': () => ({ variables: [{ name: 'SAMPLE', value: 'x' }] }),
  'post /projects/{project}/env/variables/copy': () => ({ from: 'staging' }),
  'post /projects/{project}/environments': () => ({ name: 'staging' }),
  'post /projects/{project}/keys': () => ({ name: 'Key' }),
  'post /projects/{project}/keys/{key}/rotate': () => ({ overlap_seconds: 60 }),
  'post /projects/{project}/platforms': () => ({ hostname: `${randomBytes(4).toString('hex')}.example.com` }),
  'post /organizations/{organization}/webhooks': () => ({ url: 'https://hooks.example.com/y', events: ['project.created'] }),
  'patch /organizations/{organization}/webhooks/{webhook}': () => ({ description: 'Changed' }),
  'put /organizations/{organization}/railway': () => ({ token: TOKEN }),
  'post /organizations/{organization}/railway/workspaces': () => ({ token: TOKEN }),
  'post /projects/{project}/drift/resolve': () => ({ keep: 'studio', version: 0 }),
  'post /projects/{project}/deployments': () => ({ source: { kind: 'repository', repository: 'acme/shop' } }),
  'post /projects/{project}/deployments/preview': () => ({ environment: 'production' }),
};

/** Doors that take a body. */
export const bodied = doors.filter((door): door is Door & { body: NonNullable<Door['body']> } => door.body !== undefined);

/** A body that the door takes; throws for a door that nobody wrote one for, so that a new door is not passed over. */
export function sampleFor(door: Pick<Door, 'method' | 'path'>, ids: Readonly<Record<string, string>>): Record<string, unknown> {
  const sample = samples[doorName(door)];
  if (sample === undefined) throw new Error(`write a sample body for ${doorName(door)} in samples.ts`);
  return sample(ids);
}

/** The same as text; undefined for a door without a body. */
export function sampleText(door: Door | undefined, ids: Readonly<Record<string, string>>): string | undefined {
  return door?.body === undefined ? undefined : JSON.stringify(sampleFor(door, ids));
}
