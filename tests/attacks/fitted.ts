import { newUuid } from '@/lib/kernel/ids';
import type { ErrorCode } from '@/lib/kernel/errors';
import { invite } from '@/lib/identity/invitation/invite';
import type { Person } from '../support/context';
import { newestToken } from '../support/invitations';
import { password } from '../support/visitor';
import { asMethod, type Operation } from './fuzz-requests';
import type { Front } from './front';
import { sampleFor } from './samples';
import type { AttackWorld } from './world';

export interface Setting {
  world: AttackWorld;
  front: Front;
  /** Who asks as the owner. */
  owner: Person;
  /** What the parameters of addresses name. */
  ids: Readonly<Record<string, string>>;
}

type Fitting = (setting: Setting) => Promise<object>;

/** Links that were sent, and names and passwords as they are: where a sample alone has the right shape and is refused. */
const fitting: Readonly<Record<string, Fitting>> = {
  async 'POST /auth/verify-email'({ world, front }) {
    const email = `${newUuid()}@example.com`;
    await front.ask('POST', '/api/v1/auth/register', { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password, first_name: 'Ada', last_name: 'Tester' }) });
    return { token: await tokenFor(world, email), password };
  },
  async 'POST /auth/reset-password'({ world, front }) {
    const { email } = await world.studio.person();
    await front.ask('POST', '/api/v1/auth/forgot-password', { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email }) });
    return { token: await tokenFor(world, email), password };
  },
  'POST /auth/login': ({ owner }) => Promise.resolve({ email: owner.email, password }),
  'POST /users/change-password': () => Promise.resolve({ current_password: password, new_password: `${password}-anew` }),
  'POST /invitations/lookup': invited,
  'POST /invitations/accept': invited,
  'POST /projects/{project}/environments': () => Promise.resolve({ name: 'preview' }),
  async 'DELETE /projects/{project}'({ world, ids }) {
    const [row] = await world.studio.raw<{ name: string }>('select name from projects where public_id = $1', [ids['project']]);
    return { confirm_name: row?.name };
  },
};

interface Unfit {
  code: ErrorCode;
  why: string;
  /** It depends on what was drawn before it. */
  orDone?: true;
}

/** What operations answer to a request that fits, where that cannot be a success here: they have looked at everything and found the state of things against it. */
export const unfit: Readonly<Record<string, Unfit>> = {
  'GET /projects/{project}/data/rows': { code: 'not_found', why: 'Appwrite was asked and has no table in a new project' },
  'GET /projects/{project}/data/files': { code: 'not_found', why: 'Appwrite was asked and has no bucket in a new project' },
  'GET /organizations/{organization}/isolation-proofs/{proof}/report': { code: 'conflict', why: 'the proof waits for a worker' },
  'POST /organizations/{organization}/isolation-proofs': { code: 'conflict', why: 'one waits already' },
  'POST /projects/{project}/restore': { code: 'conflict', why: 'the project was not deleted' },
  'POST /projects/{project}/retry': { code: 'conflict', why: 'the project is not stuck' },
  'POST /organizations/{organization}/webhooks/{webhook}/deliveries/{event}/replay': { code: 'conflict', why: 'the event was not delivered yet' },
  'POST /projects/{project}/drift/resolve': { code: 'conflict', why: 'the version of the variables is not the one that was looked at' },
  'POST /projects/{project}/deployments/{deployment}/redeploy': { code: 'conflict', why: 'the deployment that was asked for before waits for a worker, and there is none' },
  'POST /projects/{project}/deployments/{deployment}/rollback': { code: 'conflict', why: 'there is no earlier deployment' },
  'POST /projects/{project}/deployments/{deployment}/cancel': { code: 'conflict', why: 'the deployment has ended' },
  'DELETE /projects/{project}': { code: 'conflict', why: 'another change to it may wait for a worker', orDone: true },
  'DELETE /projects/{project}/environments/{environment}': { code: 'conflict', why: 'an app may be deployed there', orDone: true },
  'DELETE /projects/{project}/service': { code: 'conflict', why: 'a deployment waits for a worker', orDone: true },
  'DELETE /organizations/{organization}/railway': { code: 'conflict', why: 'a deployment waits for a worker', orDone: true },
};

/** A body that the operation can act on; undefined for one that takes none. */
export async function fittedBody(operation: Operation, setting: Setting): Promise<object | undefined> {
  const { method, path, body } = operation;
  if (body === undefined) return undefined;
  return fitting[`${method} ${path}`]?.(setting) ?? sampleFor({ method: asMethod(method), path }, setting.ids);
}

/** To another organization, since whoever asks belongs to acme already. */
async function invited({ world, owner }: Setting): Promise<object> {
  const { other } = world;
  await invite(other.owner.ctx, other.ids['organization'] ?? '', { email: owner.email, role: 'viewer' });
  return { token: await tokenFor(world, owner.email) };
}

function tokenFor({ studio }: AttackWorld, email: string): Promise<string> {
  return newestToken({ ...studio, organization: studio.newOrganization }, email);
}
