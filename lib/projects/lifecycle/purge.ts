import { removeApps } from '@/lib/deployments/saga/remove-apps';
import { audit } from '@/lib/trust/audit/record';
import { closeAttempt } from '../attempt/abandon';
import { lookAgainMs } from '@/lib/sagas/backoff';
import { done, type SagaDefinition, type Step } from '@/lib/sagas/definition';
import { loadLiveTarget, type LiveTarget } from './target';

/** Appwrite answers at once and deletes later. Every attempt goes, the given-up ones too. */
const deleteAtAppwrite: Step<LiveTarget> = {
  key: 'delete',
  async run(run) {
    for (const { instanceId, ref } of run.target.attempts) {
      const instance = await run.ctx.appwrite.byId(instanceId);
      await instance.admin({ retrying: run.retrying, tenant: run.saga.organizationId }).deleteProject(ref);
    }
    return done();
  },
};

const waitUntilGone: Step<LiveTarget> = {
  key: 'gone',
  async run(run) {
    for (const { instanceId, ref } of run.target.attempts) {
      const instance = await run.ctx.appwrite.byId(instanceId);
      if (await instance.admin({ tenant: run.saga.organizationId }).projectGone(ref)) continue;
      return { kind: 'pending', reason: 'Appwrite is still deleting. Studio looks again by itself.', afterMs: lookAgainMs(run.runningMs) };
    }
    return done();
  },
};

/** What stays is the row: its Appwrite ids are never used again, and the audit log still has a name to show. */
const closeRecord: Step<LiveTarget> = {
  key: 'tombstone',
  run: (run) =>
    Promise.resolve(
      done(async (tx) => {
        const { organizationId, projectId } = run.saga;
        for (const { id } of run.target.attempts) await closeAttempt(tx, organizationId, id);
        await tx.query(
          `update appwrite_keys set state = 'revoked', sealed_secret = null, revoked_at = coalesce(revoked_at, now())
            where organization_id = $1 and project_id = $2 and state <> 'revoked'`,
          [organizationId, projectId],
        );
        await tx.query(
          `delete from environment_variables v using environments e
            where v.organization_id = $1 and e.organization_id = v.organization_id and e.id = v.environment_id and e.project_id = $2`,
          [organizationId, projectId],
        );
        await tx.query(`update projects set status = 'purged', purged_at = now(), updated_at = now() where organization_id = $1 and id = $2`, [organizationId, projectId]);
        await audit(run.ctx, tx, { organizationId, action: 'project.purged', target: { kind: 'project', id: run.target.publicId, name: run.target.name } });
      }),
    ),
};

export const purge: SagaDefinition<LiveTarget> = { kind: 'purge', steps: [removeApps, deleteAtAppwrite, waitUntilGone, closeRecord], onGiveUp: 'stuck', load: loadLiveTarget };
