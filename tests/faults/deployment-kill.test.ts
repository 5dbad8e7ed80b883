import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { faultPositions } from '@/lib/sagas/fault';
import { app, testDeployments, type TestDeployments } from '../deployments/support/studio';
import { TOKEN } from '../local-cloud/railway/support';
import { platformAccount } from '../projects/support';
import { figure, proof } from '../support/figure';
import { startStudio, type RunningStudio, type StudioProcess } from '../support/studio';
import { waitFor } from '../support/wait-for';
import { demandKilled, judgeUnattended, leasesRunOut, onePlaceOfEach } from './killed';
import { begin, matrixAnswer, matrixRepository, quiet, setScene, type Scene } from './matrix/deployment-beginnings';
import { adrift } from './matrix/deployment-invariants';
import { deploymentPlaces, nameOf, type DeploymentPlace } from './matrix/deployment-scenarios';
import { worldOf, type World } from './matrix/deployment-world';
import { sumUp } from './matrix/run-deployment';

let studio: TestDeployments;
let processes: RunningStudio;
let world: World;
let helper: StudioProcess;

beforeAll(async () => {
  const vaultKey = randomBytes(32);
  studio = await testDeployments({ isolate: false, vaultKey });
  await studio.cloud.push(matrixRepository, app(matrixAnswer));
  world = worldOf(studio);
  processes = await startStudio({
    servers: 0,
    workers: 0,
    env: {
      STUDIO_URL: 'http://127.0.0.1:1',
      STUDIO_ENCRYPTION_KEYS: `test:${vaultKey.toString('base64')}`,
      DATABASE_URL: studio.urls.appUrl,
      DATABASE_JOBS_URL: studio.urls.jobsUrl,
      RAILWAY_API_URL: `${studio.cloud.url}/graphql/v2`,
      APPWRITE_PLATFORM_ENDPOINT: studio.appwrite.url,
      APPWRITE_PLATFORM_EMAIL: platformAccount.email,
      APPWRITE_PLATFORM_PASSWORD: platformAccount.password,
      APPWRITE_PLATFORM_CAPACITY: '1000',
    },
  });
  helper = await processes.startWorker();
});

afterAll(async () => {
  await processes?.stop();
  await studio?.close();
});

interface Struck {
  place: DeploymentPlace;
  scene: Scene;
  /** The deployment that was begun; null where one is removed. */
  own: string | null;
  killedAtMs: number;
}

/** Begins the saga with a worker that kills itself there; another one comes in its place. */
async function strike(place: DeploymentPlace, name: string): Promise<Struck> {
  const { id, rowId } = await studio.newOrganization(studio.owner, name);
  await studio.raw(`update subscriptions set plan_key = 'scale' where organization_id = $1`, [rowId]);
  await connectRailway(world.hands.ctx, id, { token: TOKEN });
  const scene = await setScene(world.hands, place, { organization: { id, rowId }, name });
  expect(await helper.stop()).toBe(0);
  const doomed = await processes.startWorker({ FAULT: `${place.step}:${place.position}` });
  try {
    const own = await begin(world.hands, scene);
    await demandKilled(doomed);
    return { place, scene, own, killedAtMs: performance.now() };
  } finally {
    await doomed.kill();
    helper = await processes.startWorker();
  }
}

/** Both sides are as they should be, nobody had to ask again, and what was made can be removed. */
async function demandSurvived({ place, scene, own }: Struck): Promise<void> {
  expect(await sumUp(world, scene, { ...place, fault: 'crash', times: 1 }, own)).toEqual({ asked: false, wrong: {} });
}

async function isOver({ scene, own }: Struck): Promise<boolean> {
  const open = await studio.raw(`select from sagas where organization_id = $1 and state in ('running', 'undoing')`, [scene.organization.rowId]);
  if (open.length > 0) return false;
  if (own !== null && (await getDeployment(world.hands.ctx, scene.project, own)).status !== 'SUCCESS') return false;
  return (await adrift(world, scene)).length === 0;
}

/** Of every ninth step one place: which steps and which places, the seed says. */
function isDrawn(index: number): boolean {
  const drawn = Math.floor(index / faultPositions.length) + proof.seed;
  return drawn % 9 === 0 && (index + drawn) % faultPositions.length === 0;
}

const titled = (places: readonly DeploymentPlace[]) => places.map((place) => [`${nameOf(place)} ${place.step}:${place.position}`, place] as const);

describe('a worker process that is killed in the middle of a deployment', () => {
  const all = deploymentPlaces();
  const places = all.filter((_, index) => proof.whole || isDrawn(index));
  const survived: string[] = [];

  it.each(titled(places))('at %s', async (name, place) => {
    const struck = await strike(place, name);
    // Nobody is told of a kill: the job is still locked, and the lease still held.
    await leasesRunOut(studio);
    await quiet(world.hands, struck.scene.organization.rowId);
    await demandSurvived(struck);
    survived.push(name);
  });

  const unattended = onePlaceOfEach(all, nameOf).slice(0, proof.whole ? all.length : 1);
  const seconds: number[] = [];

  it.each(titled(unattended))('at %s is followed by another one on its own', async (name, place) => {
    const struck = await strike(place, `Unattended ${name}`);
    // Leases, pauses and lost jobs take their own time here.
    await waitFor(() => isOver(struck), { what: 'the deployment to be up and nothing to be left over', withinMs: 120_000, everyMs: 200 });
    seconds.push((performance.now() - struck.killedAtMs) / 1_000);
    await demandSurvived(struck);
  });

  it('leaves an app that is up, or gone, within a minute, with nothing hurried', (context) => {
    judgeUnattended(context, { until: 'the app of its deployment is up, or gone, and nothing is at Railway that no row knows', seconds, places: unattended.length });
  });

  it('starts nothing twice and leaves nothing over', (context) => {
    figure(context, {
      requirements: ['P1', 'P5'],
      what: 'Places of the sagas of deployments at which a worker process was killed (SIGKILL)',
      reached: `${survived.length} of ${places.length} survived, both sides alike, and nobody had to ask again`,
      bound: 'all',
      pass: survived.length === places.length && places.length > 0,
    });
  });
});
