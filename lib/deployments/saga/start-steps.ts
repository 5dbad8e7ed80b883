import { endpointAnswers } from '@/lib/adapters/appwrite/probe-endpoint';
import { railwayFailureOf, type ServiceSource } from '@/lib/adapters/railway/port';
import { done, type Step } from '@/lib/sagas/definition';
import { readManifest, renderManifest } from '@/lib/projects/env/render-manifest';
import { findNew, idsAtRailway, keepDeployment, keepEarlier } from './adopt';
import { placeOf, railwayOf, type DeployTarget } from './target';

/** For how long the backend may be out of reach for apps before the deployment is given up. */
const unreachableForMs = 60_000;

/** All of them in one write, and without a deployment: what is not named is removed, as the person has been shown. */
export const variables: Step<DeployTarget> = {
  key: 'variables',
  async run(run) {
    const { organizationId, projectId } = run.saga;
    const stored = await run.write((tx) => readManifest(run.ctx, tx, { organizationId, projectId, environment: run.target.service.environment }));
    const { version, keyRowId, variables: all } = await renderManifest(run.ctx, stored);
    const endpoint = all.find(({ name }) => name === 'APPWRITE_ENDPOINT')?.value ?? '';
    if (!(await endpointAnswers(endpoint))) {
      const reason = `The backend does not answer at ${endpoint}, where the app would look for it.`;
      return run.runningMs < unreachableForMs ? { kind: 'wait', reason: `${reason} Studio tries again by itself.` } : { kind: 'give-up', reason: `${reason} An operator has to check the public address of Appwrite.` };
    }
    const railway = railwayOf(run);
    await railway.setVariables(placeOf(run.target), Object.fromEntries(all.map(({ name, value }) => [name, value])), { replace: true });
    return done(async (tx) => {
      await tx.query('update deployments set manifest_version = $3, appwrite_key_row_id = $4 where organization_id = $1 and id = $2', [organizationId, run.target.deployment.id, version, keyRowId]);
    });
  },
};

/** Railway may begin a deployment by itself when a source is connected, so what is there before is noted here. */
export const configure: Step<DeployTarget> = {
  key: 'configure',
  async run(run) {
    const { deployment } = run.target;
    const railway = railwayOf(run);
    await railway.configureService(placeOf(run.target), {
      buildCommand: deployment.build_command,
      startCommand: deployment.start_command,
      rootDirectory: deployment.root_directory,
      healthcheckPath: deployment.healthcheck_path,
      healthcheckTimeoutSeconds: null,
    });
    const before = await idsAtRailway(run, railway);
    return done((tx) => keepEarlier(tx, run, before));
  },
};

/** What the address is, with its scheme, the deployment says once it is up. */
export const domain: Step<DeployTarget> = {
  key: 'domain',
  async run(run) {
    if (run.target.service.url !== null) return { kind: 'skipped' };
    const railway = railwayOf(run);
    await railway.ensureDomain(placeOf(run.target));
    return done();
  },
};

export const source: Step<DeployTarget> = {
  key: 'source',
  async run(run) {
    const { deployment, service } = run.target;
    const railway = railwayOf(run);
    const wanted: ServiceSource =
      deployment.source_kind === 'image' ? { kind: 'image', image: deployment.source } : { kind: 'repository', repository: deployment.source, branch: deployment.branch ?? 'main' };
    const connected = JSON.stringify(wanted);
    if (service.connected_source === connected) return { kind: 'skipped' };
    try {
      await railway.connectSource(placeOf(run.target).serviceId, wanted);
    } catch (error) {
      const kind = railwayFailureOf(error)?.kind;
      if (kind !== 'refused' && kind !== 'not_found') throw error;
      return { kind: 'give-up', reason: notReached(wanted) };
    }
    return done(async (tx) => {
      await tx.query('update services set connected_source = $3 where organization_id = $1 and id = $2', [run.saga.organizationId, service.id, connected]);
    });
  },
};

function notReached(source: ServiceSource): string {
  if (source.kind === 'image') return `Railway cannot use the image ${source.image}. Check its name and tag; a private one has to be made known at Railway first.`;
  return `Railway cannot reach the branch ${source.branch} of ${source.repository}. Check both names; a private repository has to be connected at Railway first.`;
}

/** One that is among Railway's and was not there before is the answer to a call that was lost, or Railway's own beginning. */
export const deploy: Step<DeployTarget> = {
  key: 'deploy',
  async run(run) {
    const railway = railwayOf(run);
    const adopted = await findNew(run, railway);
    const id = adopted ?? (await railway.deploy(placeOf(run.target), { commit: run.target.deployment.commit_sha }));
    return done((tx) => keepDeployment(tx, run, id));
  },
};
