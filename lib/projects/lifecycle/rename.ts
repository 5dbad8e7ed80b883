import { done, type SagaDefinition, type Step } from '@/lib/sagas/definition';
import { startSaga } from '@/lib/sagas/start';
import { liveAttempt, loadLiveTarget, type LiveTarget } from './target';

/** The name here is the one that counts; Appwrite's console shows the copy. */
const renameAtAppwrite: Step<LiveTarget> = {
  key: 'rename',
  async run(run) {
    const live = await liveAttempt(run);
    if (live === null) return { kind: 'skipped' };
    await live.admin.renameProject({ ...live.ref, name: run.target.name });
    return done();
  },
};

export const rename: SagaDefinition<LiveTarget> = {
  kind: 'rename',
  steps: [renameAtAppwrite],
  onGiveUp: 'undo',
  load: loadLiveTarget,
  async done(ctx, tx, { id, organizationId, projectId }) {
    const [asked] = await tx.query(`select id from sagas where organization_id = $1 and id = $2 and input ? 'again'`, [organizationId, id]);
    if (asked !== undefined) await startSaga(ctx, tx, { organizationId, projectId, kind: 'rename' });
  },
};
