import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganizationView } from '@/lib/identity/organization/schemas';
import { ProjectPage } from '@/lib/projects/schemas';
import { proof } from '../support/figure';
import { withClient } from '../support/postgres';
import { password, type Visitor } from '../support/visitor';
import { chosenTopologies, startCluster, waitForStatus, type Cluster } from './cluster';

describe.each(chosenTopologies)('sagas on two workers, $topology', ({ pooled }) => {
  let cluster: Cluster;
  let owner: Visitor;
  let organization: OrganizationView;

  beforeAll(async () => {
    cluster = await startCluster({ pooled });
    owner = await cluster.signUp();
    organization = await cluster.newOrganization(owner);
  });

  afterAll(async () => {
    await cluster.stop();
  });

  /** A worker that ends itself at the position, while the good ones stand still; then they go on. */
  async function provisionWithCrashAt(fault: string): Promise<string> {
    for (const worker of cluster.studio.workers) worker.signal('SIGSTOP');
    try {
      const doomed = await cluster.studio.startWorker({ FAULT: fault });
      const { id } = await cluster.newProject(owner, organization.id, `Crash at ${fault}`);
      await doomed.ended;
      return id;
    } finally {
      for (const worker of cluster.studio.workers) worker.signal('SIGCONT');
    }
  }

  async function liveAttempts(project: string): Promise<number> {
    const counted = await withClient(cluster.studio.database.ownerUrl, (client) =>
      client.query<{ live: number }>(
        `select count(*)::int as live from appwrite_projects a join projects p on p.id = a.project_id where p.public_id = $1 and a.state = 'live'`,
        [project],
      ),
    );
    return counted.rows[0]?.live ?? 0;
  }

  it.each(pooled ? ['key:sent'] : ['create:sent', ...(proof.whole ? ['key:answered'] : [])])('another worker finishes what kill -9 cut off at %s', async (fault) => {
    const project = await provisionWithCrashAt(fault);
    await waitForStatus(owner, project, 'ready', 30_000);
    expect(await liveAttempts(project)).toBe(1);
    await expectWorkingKey(owner, project);
  });

  it('many projects at once become ready, each once, while a worker is killed among them', async () => {
    const { id: crowded } = await cluster.newOrganization(owner, 'Crowded');
    const projects = await Promise.all(
      Array.from({ length: 10 }, (_, n) => cluster.newProject(owner, crowded, `Many ${n}`, n % 2 === 0 ? cluster.first : cluster.second)),
    );
    await cluster.studio.workers[0]?.kill();
    for (const { id } of projects) {
      await waitForStatus(owner, id, 'ready', 40_000);
      expect(await liveAttempts(id)).toBe(1);
    }
    const page = await owner.get(ProjectPage, `/api/v1/projects?organization_id=${crowded}&q=Many&limit=50`);
    expect(page.data.map(({ status }) => status)).toEqual(projects.map(() => 'ready'));
  });
});

/** The variables of the project open its backend. */
async function expectWorkingKey(owner: Visitor, project: string): Promise<void> {
  await owner.ask('POST', '/api/v1/auth/step-up', { body: { password } });
  const exported = await owner.ask('POST', `/api/v1/projects/${project}/env/export`);
  const variable = (name: string) => new RegExp(`^${name}="?([^"\\n]+)`, 'm').exec(exported.text)?.[1] ?? '';
  const answer = await fetch(`${variable('APPWRITE_ENDPOINT')}/tablesdb`, {
    headers: { 'x-appwrite-project': variable('APPWRITE_PROJECT_ID'), 'x-appwrite-key': variable('APPWRITE_API_KEY') },
  });
  expect(answer.status, await answer.text()).toBe(200);
}
