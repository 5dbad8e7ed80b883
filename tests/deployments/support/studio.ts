import { randomBytes } from 'node:crypto';
import { createRailwayAccess, type RailwayAccess } from '@/lib/adapters/railway/access';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { getDeployment } from '@/lib/deployments/get-deployment';
import type { DeploymentDetail } from '@/lib/deployments/schemas';
import { deploymentSagas } from '@/lib/deployments/sagas';
import { projectSagas } from '@/lib/projects/sagas';
import { Cloud, openFolder, TOKEN } from '../../local-cloud/railway/support';
import { readyProject, testProjects, type TestProjects, type WorkerOptions } from '../../projects/support';

export interface TestDeployments extends TestProjects {
  cloud: Cloud;
  /** A ready project of the owner, whose organization is connected to Railway. */
  newProject(name?: string): Promise<string>;
  /** Runs jobs until the deployment has ended. */
  ended(project: string, deployment: string, options?: WorkerOptions): Promise<DeploymentDetail>;
}

/** A studio with a local Appwrite and a local Railway, both real. Apps start faster without namespaces of their own. */
export async function testDeployments({ isolate = true, vaultKey = randomBytes(32) }: { isolate?: boolean; vaultKey?: Buffer } = {}): Promise<TestDeployments> {
  const cloud = new Cloud(await openFolder());
  await cloud.push('acme/shop', app('process.env.GREETING ?? "no greeting"'));
  const railway = async (appwriteUrl: string): Promise<RailwayAccess> => {
    await cloud.start({ reachable: [appwriteUrl], isolate, settings: { healthcheckTimeoutSeconds: 8 } });
    return createRailwayAccess({ STUDIO_MODE: 'local', RAILWAY_API_URL: `${cloud.url}/graphql/v2`, LOCAL_RAILWAY_TOKEN: TOKEN });
  };
  const studio = await testProjects({ railway, vaultKey, sagas: { ...projectSagas, ...deploymentSagas } });
  await connectRailway(studio.owner.ctx, studio.organization.id, { token: TOKEN });

  return {
    ...studio,
    cloud,
    newProject: async (name = 'Shop') => (await readyProject(studio, name)).id,
    async ended(project, deployment, options) {
      const settled = async () => (await getDeployment(studio.owner.ctx, project, deployment)).finished_at !== null;
      for (let round = 0; round < 400 && !(await settled()); round += 1) {
        await studio.drain(options);
        await studio.hurry();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await studio.drain(options);
      return getDeployment(studio.owner.ctx, project, deployment);
    },
    async close() {
      await studio.close();
      await cloud.remove();
    },
  };
}

/** A server that answers with an expression, and says so in its log. */
export function app(expression: string): Record<string, string> {
  return {
    'package.json': JSON.stringify({ name: 'shop', version: '1.0.0', private: true, scripts: { start: 'node server.mjs' } }),
    'server.mjs': `import { createServer } from 'node:http';\ncreateServer((_, response) => { console.log('asked'); response.end(String(${expression})); }).listen(process.env.PORT, () => console.log('listening'));\n`,
  };
}
