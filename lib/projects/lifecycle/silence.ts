import { appwriteFailureOf } from '@/lib/adapters/appwrite/port';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import { done, type SagaDefinition, type Step, type StepRun } from '@/lib/sagas/definition';
import { startSaga } from '@/lib/sagas/start';
import { liveAttempt, loadLiveTarget, type LiveTarget } from './target';

/**
 * A deleted project can be restored for a while, so nothing is removed at Appwrite yet. Its keys lose all their
 * scopes instead: an app that still holds one is refused everything.
 */
const silenceKeys: Step<LiveTarget> = {
  key: 'silence',
  async run(run) {
    await setScopes(run, () => []);
    return done();
  },
};

const giveKeysBack: Step<LiveTarget> = {
  key: 'unsilence',
  async run(run) {
    await setScopes(run, (scopes) => scopes);
    const live = await liveAttempt(run);
    // A new name that was on its way when the project was deleted has never arrived.
    if (live !== null) await live.admin.renameProject({ ...live.ref, name: run.target.name });
    return done();
  },
};

const reopen: Step<LiveTarget> = {
  key: 'ready',
  run: (run) =>
    Promise.resolve(
      done(async (tx) => {
        const { organizationId, projectId } = run.saga;
        await tx.query(
          `update projects set status = 'ready', deleted_at = null, deleted_by = null, restorable_until = null, updated_at = now()
            where organization_id = $1 and id = $2 and status = 'restoring'`,
          [organizationId, projectId],
        );
        await audit(run.ctx, tx, { organizationId, action: 'project.reopened', target: { kind: 'project', id: run.target.publicId, name: run.target.name } });
        await emitEvent(run.ctx, tx, { organizationId, type: 'project.restored', data: { project: { id: run.target.publicId, name: run.target.name, status: 'ready' } } });
      }),
    ),
};

/** A key that is no longer at Appwrite can do nothing, so it needs no silencing. */
async function setScopes(run: StepRun<LiveTarget>, scopesOf: (scopes: string[]) => string[]): Promise<void> {
  const live = await liveAttempt(run);
  if (live === null) return;
  for (const { appwriteProjectId, appwriteKeyId, name, scopes, expiresAt } of run.target.keys) {
    try {
      await live.admin.updateKey({ projectId: appwriteProjectId, keyId: appwriteKeyId, name, scopes: scopesOf(scopes), expiresAt });
    } catch (error) {
      if (appwriteFailureOf(error)?.kind !== 'not_found') throw error;
    }
  }
}

/** Stuck leaves the project deleted with keys that still work; the reconciler starts the saga again. */
export const silence: SagaDefinition<LiveTarget> = { kind: 'silence', steps: [silenceKeys], onGiveUp: 'stuck', load: loadLiveTarget };

/** Whoever asked in time does not lose the project because Appwrite was away until the time was over. */
const moreDaysToRestore = 7;

export const restore: SagaDefinition<LiveTarget> = {
  kind: 'restore',
  steps: [giveKeysBack, reopen],
  onGiveUp: 'stuck',
  load: loadLiveTarget,
  async stuck(ctx, tx, { organizationId, projectId }) {
    await tx.query(
      `update projects set status = 'deleted', updated_at = now(), restorable_until = greatest(restorable_until, now() + $3 * interval '1 day')
        where organization_id = $1 and id = $2 and status = 'restoring'`,
      [organizationId, projectId, moreDaysToRestore],
    );
    // Some keys may have their scopes back already.
    await startSaga(ctx, tx, { organizationId, projectId, kind: 'silence' });
  },
};
