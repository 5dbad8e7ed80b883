import type { TenantTx } from '@/db/platform/client';
import { done, type SagaDefinition, type Step, type StepOutcome, type StepRun } from '@/lib/sagas/definition';
import { readManifest, renderManifest } from '@/lib/projects/env/render-manifest';
import { cancellableStart } from './cancellable';
import { failed, succeeded } from './deploy';
import { follow } from './follow';
import { findNew, keepDeployment, noteEarlier } from './adopt';
import { loadDeployTarget, noticing, placeOf, railwayOf, type DeployTarget } from './target';

/** A list may lag behind what was asked: before it is asked again, the new one is looked for this long. */
const patienceMs = 15_000;

const goingBack: StepOutcome = { kind: 'pending', reason: 'Railway is going back to the earlier build.', afterMs: 200 };

/** Railway makes a deployment anew with the build and the variables of the earlier one, and does not say which: it is the one that was not there before. */
const rollBack: Step<DeployTarget> = {
  key: 'roll-back',
  async run(run) {
    const { ofRailwayId } = run.target;
    if (ofRailwayId === null) return { kind: 'give-up', reason: 'Railway has never had the deployment to go back to.' };
    const railway = railwayOf(run);
    await noteEarlier(run, railway);
    const adopted = await findNew(run, railway);
    if (adopted !== null) return done((tx) => keepDeployment(tx, run, adopted));
    if (run.target.askedMs !== null && Date.now() - run.target.askedMs < patienceMs) return goingBack;
    await railway.rollback(ofRailwayId);
    await run.write((tx) => tx.query(`update sagas set input = input || $3 where organization_id = $1 and id = $2`, [run.saga.organizationId, run.saga.id, JSON.stringify({ asked_ms: Date.now() })]));
    // Its id is found by the next look, which knows what was there before.
    return goingBack;
  },
};

/** The variables of back then may hold a key that was revoked since. The generated ones are set as they are now. */
const currentKey: Step<DeployTarget> = {
  key: 'current-key',
  async run(run) {
    const { organizationId, projectId } = run.saga;
    const stored = await run.write((tx) => readManifest(run.ctx, tx, { organizationId, projectId, environment: run.target.service.environment }));
    const manifest = await renderManifest(run.ctx, stored);
    const generated = Object.fromEntries(manifest.variables.filter(({ source }) => source === 'generated').map(({ name, value }) => [name, value]));
    const railway = railwayOf(run);
    const at = placeOf(run.target);
    const held = await railway.getVariables(at);
    if (Object.entries(generated).every(([name, value]) => held[name] === value) && !run.target.staleKey) return done((tx) => keepKey(tx, run, manifest.keyRowId));
    // Noted before Railway has them: whatever becomes of the answer, the app is started again.
    const next = JSON.stringify({ stale_key: true, key_row_id: manifest.keyRowId });
    await run.write((tx) => tx.query(`update sagas set input = (input - 'before') || $3 where organization_id = $1 and id = $2`, [organizationId, run.saga.id, next]));
    await railway.setVariables(at, generated, { replace: false });
    return done();
  },
};

/** Only when the app starts with it: until then the key that it has is not to be taken from it. */
async function keepKey(tx: TenantTx, run: StepRun<DeployTarget>, keyRowId: string): Promise<void> {
  await tx.query('update deployments set appwrite_key_row_id = $3 where organization_id = $1 and id = $2', [run.saga.organizationId, run.target.deployment.id, keyRowId]);
}

/** The app has read its variables already, so it is started again from the same build when they were not the current ones. */
const restartWithKey: Step<DeployTarget> = {
  key: 'restart-with-key',
  async run(run) {
    if (!run.target.staleKey) return { kind: 'skipped' };
    const railwayId = run.target.deployment.railway_deployment_id;
    if (railwayId === null) throw new Error('the deployment at Railway was not kept');
    const railway = railwayOf(run);
    await noteEarlier(run, railway);
    const adopted = await findNew(run, railway);
    const id = adopted ?? (await railway.redeploy(railwayId)).id;
    return done(async (tx) => {
      await keepDeployment(tx, run, id);
      if (run.target.nextKeyRowId !== null) await keepKey(tx, run, run.target.nextKeyRowId);
    });
  },
};

export const rollback: SagaDefinition<DeployTarget> = {
  kind: 'rollback',
  steps: [cancellableStart(rollBack), follow('settle'), currentKey, restartWithKey, follow('follow')].map(noticing),
  onGiveUp: 'stuck',
  load: loadDeployTarget,
  done: succeeded,
  stuck: failed,
};
