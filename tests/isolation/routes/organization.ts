import { Client, Storage, TablesDB } from 'node-appwrite';
import { InputFile } from 'node-appwrite/file';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { createHook } from '@/lib/deployments/hook/create-hook';
import { createApiKey } from '@/lib/identity/api-key/create-api-key';
import { invite } from '@/lib/identity/invitation/invite';
import { updateOrganization } from '@/lib/identity/organization/update-organization';
import { createProject } from '@/lib/projects/create-project';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { createEnvironment } from '@/lib/projects/environment/create-environment';
import { getProject } from '@/lib/projects/get-project';
import { createKey } from '@/lib/projects/key/create-key';
import { addPlatform } from '@/lib/projects/platform/add-platform';
import { createProof } from '@/lib/trust/proof/create-proof';
import type { ProofReport, ProofView } from '@/lib/trust/proof/schemas';
import { signReport } from '@/lib/trust/proof/signing';
import { createWebhook } from '@/lib/webhooks/create-webhook';
import { sendTest } from '@/lib/webhooks/delivery/send-test';
import { newPublicId, newToken, newUuid, hashToken } from '@/lib/kernel/ids';
import { TOKEN } from '../../local-cloud/railway/support';
import type { TestDeployments } from '../../deployments/support/studio';
import { appwriteIdOf } from '../../projects/support';
import type { Person } from '../../support/context';
import { newestToken } from '../../support/invitations';

/** An id for every name by which a route asks for one: `{project}`, `organization_id`. */
export type Ids = Readonly<Record<string, string>>;

/** An organization with one of every noun. */
export interface Side {
  organization: { id: string; rowId: string };
  owner: Person;
  /** Names everything in its first project. */
  ids: Ids;
  /** Names another project and another webhook of the same organization, and what belongs to them. */
  sibling: Ids;
  /** Row uuids of both projects. */
  projectRows: { main: string; sibling: string };
  /** Texts that no row of the database holds in the open: keys, tokens, rows at Appwrite. */
  secrets: string[];
  invitationToken: string;
}

type Named = Record<string, string>;

/** Fills an organization through the verbs that its own people would use. `word` is in every name that can be chosen. With one project alone it is its own sibling. */
export async function fillOrganization(studio: TestDeployments, owner: Person, organization: { id: string; rowId: string }, { word, projects }: { word: string; projects: 1 | 2 }): Promise<Side> {
  const { ctx } = owner;
  await studio.raw(`update subscriptions set plan_key = 'scale' where organization_id = $1`, [organization.rowId]);
  await updateOrganization(ctx, organization.id, { name: `${word}-organization` });
  await connectRailway(ctx, organization.id, { token: TOKEN });
  const main = await fillProject(studio, owner, organization.id, `${word}-main`);
  const sibling = projects === 1 ? main : await fillProject(studio, owner, organization.id, `${word}-sibling`);

  const colleague = await studio.person({ email: `${word}-colleague@example.com`, firstName: `${word}-colleague` });
  const member = await studio.join(organization, colleague, 'viewer');
  const invited = `${word}-invited@example.com`;
  const invitation = await invite(ctx, organization.id, { email: invited, role: 'viewer' });
  const apiKey = await createApiKey(ctx, organization.id, { name: `${word}-pipeline`, scopes: ['project:read'] });
  const webhook = await createWebhook(ctx, organization.id, { url: `https://hooks.example.com/${word}`, description: `${word}-chat`, events: ['project.created'] });
  const delivery = await sendTest(ctx, organization.id, webhook.id);
  const second = await createWebhook(ctx, organization.id, { url: `https://hooks.example.com/${word}-second`, description: `${word}-second`, events: ['project.created'] });
  const ofSecond = { webhook: second.id, event: (await sendTest(ctx, organization.id, second.id)).id };
  const proof = await createProof(ctx, organization.id);
  await finishProof(studio, proof, { id: organization.id, name: `${word}-organization` });
  const ofOrganization: Named = {
    organization: organization.id, organization_id: organization.id, member: member.publicId, invitation: invitation.id,
    api_key: apiKey.id, proof: proof.id, webhook: webhook.id, event: delivery.id, session: await anotherSession(studio, owner),
  };
  const [railway] = await studio.raw<{ workspace_id: string }>('select workspace_id from railway_connections where organization_id = $1', [organization.rowId]);
  const workspace = { workspace_id: railway?.workspace_id ?? '' };
  const invitationToken = await newestToken({ ...studio, organization: studio.newOrganization }, invited);
  return {
    organization, owner, invitationToken,
    ids: { ...ofOrganization, ...workspace, ...main.ids },
    sibling: { ...ofOrganization, ...workspace, ...ofSecond, ...sibling.ids },
    projectRows: { main: main.rowId, sibling: sibling.rowId },
    secrets: [...main.secrets, ...sibling.secrets, apiKey.secret, webhook.secret, second.secret, invitationToken],
  };
}

async function fillProject(studio: TestDeployments, owner: Person, organization: string, word: string): Promise<{ ids: Named; rowId: string; secrets: string[] }> {
  const { ctx } = owner;
  const { id: project } = await createProject(ctx, { organization_id: organization, name: word, hostname: `${word}.example.com` });
  await studio.settle(async () => (await getProject(ctx, project)).status === 'ready');
  const key = await createKey(ctx, project, { name: `${word}-key` });
  await createEnvironment(ctx, project, { name: 'staging' });
  const value = `${word}-value-${newToken()}`;
  await changeVariables(ctx, project, { variables: [{ name: 'PAYMENT_TOKEN', value }] });
  await changeVariables(ctx, project, { variables: [{ name: 'ONLY_IN_STAGING', value }] }, { environment: 'staging' });
  const platform = await addPlatform(ctx, project, { hostname: `app.${word}.example.com`, name: `${word}-platform` });
  const data = await fillData(studio, project, key.secret, word);
  const deployment = await deploy(studio, owner, project);
  const hook = await createHook(ctx, project);
  const [row] = await studio.raw<{ id: string }>('select id from projects where public_id = $1', [project]);
  if (row === undefined) throw new Error(`the project ${word} is not there`);
  const ids = { appwrite_project: await appwriteIdOf(studio, project), project, project_id: project, confirm_name: word, environment: 'staging', key: key.id, platform: platform.id, deployment };
  return { ids, rowId: row.id, secrets: [key.secret, value, hook.url.slice(-43), platform.id, ...data] };
}

async function deploy(studio: TestDeployments, { ctx }: Person, project: string): Promise<string> {
  const { id } = await createDeployment(ctx, project, { source: { kind: 'repository', repository: 'acme/shop' } });
  await studio.settle(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return (await getDeployment(ctx, project, id)).finished_at !== null;
  });
  return id;
}

/** As the worker does, but for the hundreds of probes. */
async function finishProof(studio: TestDeployments, { id, created_at: at }: ProofView, organization: ProofReport['organization']): Promise<void> {
  const report: ProofReport = {
    kind: 'studio.isolation-proof', version: 1, id, installation: 'https://studio.example.com', organization, requested_by: null, started_at: at, finished_at: at,
    actors: [], searched_for: 0, probes: 0, leaks: 0, database: [], api: [], found: [],
  };
  const signed = await signReport(studio.ctx({ kind: 'system', job: 'prover' }), report);
  await studio.raw(`update isolation_proofs set state = 'finished', finished_at = now(), signed_report = $2 where public_id = $1`, [id, signed]);
}

/** The same ids in every project, so that nothing but the project tells whose they are. */
async function fillData(studio: TestDeployments, project: string, secret: string, word: string): Promise<string[]> {
  const client = new Client().setEndpoint(studio.appwrite.url).setProject(await appwriteIdOf(studio, project)).setKey(secret);
  const [tables, storage] = [new TablesDB(client), new Storage(client)];
  const names = ['database', 'table', 'row', 'bucket', 'file'].map((noun) => `${word}-${noun}`);
  const [database = '', table = '', row = '', bucket = '', file = ''] = names;
  await tables.create({ databaseId: 'main', name: database });
  await tables.createTable({ databaseId: 'main', tableId: 'notes', name: table, columns: [{ key: 'title', type: 'string', size: 100, required: true }] });
  await tables.createRow({ databaseId: 'main', tableId: 'notes', rowId: 'one', data: { title: row } });
  await storage.createBucket({ bucketId: 'files', name: bucket });
  await storage.createFile({ bucketId: 'files', fileId: 'one', file: InputFile.fromPlainText('content', `${file}.txt`) });
  return names;
}

/** The public id of a second session of the same person. */
async function anotherSession(studio: TestDeployments, { id }: Person): Promise<string> {
  const publicId = newPublicId('session');
  await studio.raw(
    `insert into user_sessions (id, public_id, user_id, token_hash, idle_expires_at, expires_at)
     values ($1, $2, $3, $4, now() + interval '7 days', now() + interval '30 days')`,
    [newUuid(), publicId, id, hashToken(newToken())],
  );
  return publicId;
}
