import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseEnv, promisify } from 'node:util';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject, ProjectView } from '@/lib/projects/schemas';
import { ProofView } from '@/lib/trust/proof/schemas';
import { WebhookWithSecret } from '@/lib/webhooks/schemas';
import { linkIn } from '../support/mailbox';
import type { RunningStudio } from '../support/studio';
import { password, signUp, tokenOf, type Visitor } from '../support/visitor';
import { waitFor } from '../support/wait-for';
import type { World } from './pages';
import { breakRailway, changeAtRailway, deployExample } from './railway';
import { addFault, clearFaults } from './stand-in';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../../examples/notes', import.meta.url));

/** Sixty characters, of which the first part cannot be broken. */
export function longName(start: string): string {
  return `${start}-${'unbroken'.repeat(4)} and some more words to the end`.slice(0, 60);
}

/** An organization with something on every page, made through the API as any program would. */
export async function makeWorld(studio: RunningStudio): Promise<{ world: World; owner: Visitor; viewer: Visitor }> {
  const [owner, viewer] = [await signUp(studio, longName('Ada')), await signUp(studio, longName('Grace'))];
  const organization = await owner.post(OrganizationView, '/api/v1/organizations', { name: longName('Acme'), slug: 'acme' });
  const another = await owner.post(OrganizationView, '/api/v1/organizations', { name: longName('Another') });
  const create = (name: string, { id } = organization) => owner.post(CreatedProject, '/api/v1/projects', { organization_id: id, name: longName(name), hostname: `${'sub'.repeat(20)}.example.com` });

  const readyProject = await create('Ready');
  const deletedProject = await create('Deleted');
  const unconnectedProject = await create('Unconnected', another);
  for (const { id } of [readyProject, deletedProject, unconnectedProject]) await become(owner, id, 'ready');
  await owner.ask('DELETE', `/api/v1/projects/${deletedProject.id}`, { body: { confirm_name: deletedProject.name } });
  await become(owner, deletedProject.id, 'deleted');
  await fillWithData(owner, readyProject.id);
  await fillStaging(owner, readyProject.id);
  const deployments = await deploy(studio, owner, organization.id, readyProject.id);

  await addFault(studio, { method: 'POST', path: '/v1/**', skip: 1, effect: { kind: 'not-found-page' } });
  const failedProject = await create('Failed');
  await become(owner, failedProject.id, 'failed');
  await clearFaults(studio);
  await addFault(studio, { method: 'POST', path: '/v1/**', effect: { kind: 'rate-limit', retryAfterSeconds: 900 } });
  const waitingProject = await create('Waiting');

  await owner.ask('POST', `/api/v1/organizations/${organization.id}/api-keys`, { body: { name: longName('Pipeline'), scopes: ['project:read', 'project:create'] } });
  const hooks = `/api/v1/organizations/${organization.id}/webhooks`;
  const webhook = await owner.post(WebhookWithSecret, hooks, { url: `https://hooks.example.com/${'unbroken'.repeat(30)}`, description: longName('Chat'), events: ['project.created', 'project.ready'] });
  await owner.ask('POST', `${hooks}/${webhook.id}/test`);
  const proof = await prove(owner, organization.id);
  await invite(studio, owner, organization.id, viewer);
  await owner.ask('POST', `/api/v1/organizations/${organization.id}/invitations`, { body: { email: `${'long'.repeat(12)}@${'example'.repeat(4)}.com`, role: 'developer' } });
  const ids = { readyProject: readyProject.id, deletedProject: deletedProject.id, failedProject: failedProject.id, waitingProject: waitingProject.id, webhook: webhook.id, proof, ...deployments };
  const unconnected = `/${another.slug}/projects/${unconnectedProject.id}`;
  return { world: { slug: 'acme', unconnected, ...ids }, owner, viewer };
}

function become(owner: Visitor, project: string, status: ProjectView['status']): Promise<ProjectView> {
  return waitFor(
    async () => {
      const view = await owner.get(ProjectView, `/api/v1/projects/${project}`);
      return view.status === status && view;
    },
    { what: `project ${project} to be ${status}`, withinMs: 40_000, everyMs: 100 },
  );
}

/** One deployment that is live, one that failed, and variables that were changed at Railway since. */
async function deploy(studio: RunningStudio, owner: Visitor, organization: string, project: string): Promise<Pick<World, 'liveDeployment' | 'failedDeployment'>> {
  await owner.ask('PUT', `/api/v1/organizations/${organization}/railway`, { body: { local: true } });
  const live = await deployExample(owner, project);
  await breakRailway(studio, { failBuilds: true });
  const failed = await deployExample(owner, project, 'FAILED');
  await breakRailway(studio, { failBuilds: false });
  await owner.ask('POST', `/api/v1/projects/${project}/railway-hook`);
  const long = 'UNBROKEN_'.repeat(8);
  await changeAtRailway(studio, project, (variables) => ({ ...variables, APPWRITE_ENDPOINT: `https://${'sub'.repeat(20)}.example.com/v1`, [`${long}NAME`]: long }));
  return { liveDeployment: live.id, failedDeployment: failed.id };
}

async function prove(owner: Visitor, organization: string): Promise<string> {
  const proofs = `/api/v1/organizations/${organization}/isolation-proofs`;
  const { id } = await owner.post(ProofView, proofs, undefined);
  await waitFor(async () => (await owner.get(ProofView, `${proofs}/${id}`)).state === 'finished', { what: 'the proof to end', withinMs: 60_000, everyMs: 200 });
  return id;
}

/** Variables in staging alone, so that production can get them from there. */
async function fillStaging(owner: Visitor, project: string): Promise<void> {
  await owner.ask('POST', `/api/v1/projects/${project}/environments`, { body: { name: 'staging' } });
  const long = 'UNBROKEN_'.repeat(8);
  await owner.ask('POST', `/api/v1/projects/${project}/env/variables?environment=staging`, { body: { variables: [{ name: `${long}NAME`, value: long, secret: false }, { name: 'PAYMENT_TOKEN', value: long }] } });
}

/** Rows and files of the example app. */
async function fillWithData(owner: Visitor, project: string): Promise<void> {
  await owner.ask('POST', '/api/v1/auth/step-up', { body: { password } });
  const { text } = await owner.ask('POST', `/api/v1/projects/${project}/env/export`);
  await run(process.execPath, ['check.mjs'], { cwd: example, env: { NODE_ENV: 'production', ...parseEnv(text) } });
}

async function invite(studio: RunningStudio, owner: Visitor, organization: string, viewer: Visitor): Promise<void> {
  await owner.ask('POST', `/api/v1/organizations/${organization}/invitations`, { body: { email: viewer.email, role: 'viewer' } });
  const letter = await studio.mailbox.waitForMessage(viewer.email, /invites you/);
  const accepted = await viewer.ask('POST', '/api/v1/invitations/accept', { body: { token: tokenOf(linkIn(letter)) } });
  if (accepted.status !== 200) throw new Error(`the invitation was not accepted: ${accepted.text}`);
}
