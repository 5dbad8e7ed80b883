import type { TenantTx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import { appwriteFailureOf } from '@/lib/adapters/appwrite/port';
import { newAppwriteId, newPublicId, newUuid } from '@/lib/kernel/ids';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import { abandonAttempt, beginAttempt } from '../attempt/abandon';
import { defaultScopes } from '../key/scopes';
import { storeKeySecret } from '../key/stored-keys';
import { done, type Step, type StepOutcome, type StepRun } from '@/lib/sagas/definition';
import { placed, type ProvisionTarget } from './target';

type Run = StepRun<ProvisionTarget>;

const envKeyName = 'Environment variables';

/** Takes a place on a server with room, and makes the organization's team there. */
export const reserve: Step<ProvisionTarget> = {
  key: 'reserve',
  async run(run) {
    const place = await run.write((tx) => takePlace(tx, run));
    if (place === null) return { kind: 'wait', reason: 'No Appwrite server has room right now. Studio keeps looking.', afterMs: 5_000, counted: false };
    if (place.teamConfirmed) return done();
    const instance = await run.ctx.appwrite.byId(place.instanceId);
    await instance.admin({ retrying: run.retrying, tenant: run.saga.organizationId }).ensureTeam({ teamId: place.teamId, name: run.target.organizationName });
    return done(async (tx) => {
      await tx.query('update appwrite_teams set confirmed_at = now() where organization_id = $1 and instance_id = $2', [run.saga.organizationId, place.instanceId]);
    });
  },
  undo: (run) => run.write((tx) => abandonAttempt(tx, run.saga, 'nothing')),
};

/** Creates the project. "It exists already" is no success yet: it has to be ours, and the next step looks whether it is whole. */
export const create: Step<ProvisionTarget> = {
  key: 'create',
  async run(run) {
    const { ref, admin } = await placed(run);
    try {
      await admin.createProject({ ...ref, name: run.target.name });
      return done();
    } catch (error) {
      if (appwriteFailureOf(error)?.kind !== 'conflict') throw error;
    }
    try {
      await admin.getProject(ref);
      return done();
    } catch (error) {
      if (appwriteFailureOf(error)?.kind !== 'not_found') throw error;
      return anew(run, 'The chosen id was taken at Appwrite. Studio starts again with a new one.', 'nothing');
    }
  },
  async undo(run) {
    if (run.target.attempt === null || run.target.attempt.instanceId === null || run.target.team === null) return;
    const { ref, admin } = await placed(run);
    await admin.deleteProject(ref);
    await run.write((tx) => abandonAttempt(tx, run.saga, 'maybe'));
  },
};

/** How long a project that answers only in part may take to become whole before it is given up. */
const halfMadeGraceMs = 8_000;

/** Reads users and buckets: Appwrite answers for a half-made project as if it were there. */
export const health: Step<ProvisionTarget> = {
  key: 'health',
  async run(run) {
    const { ref, admin } = await placed(run);
    try {
      await admin.probeProject(ref);
      return done((tx) => chooseKey(tx, run));
    } catch (error) {
      const kind = appwriteFailureOf(error)?.kind;
      if (kind === 'not_found') return anew(run, 'The project vanished at Appwrite. Studio starts again with a new id.', 'maybe');
      if (kind !== 'broken') throw error;
    }
    if (run.runningMs < halfMadeGraceMs) return { kind: 'pending', reason: 'The project is not complete at Appwrite yet. Studio looks again by itself.', afterMs: 1_000 };
    return anew(run, 'Appwrite left the project half made. Studio starts again with a new id.', 'maybe');
  },
};

/** Mints the key of the environment variables under the id that was written down, so a lost answer is found again. */
export const key: Step<ProvisionTarget> = {
  key: 'key',
  async run(run) {
    const { ref, admin } = await placed(run);
    const chosen = run.target.envKey;
    if (chosen === null) throw new Error('no key was chosen');
    const wanted = { projectId: ref.projectId, keyId: chosen.appwriteKeyId, name: envKeyName, scopes: defaultScopes, expiresAt: null };
    const minted = await admin.createKey(wanted).catch((error: unknown) => {
      if (appwriteFailureOf(error)?.kind !== 'conflict') throw error;
      return admin.getKey({ projectId: ref.projectId, keyId: chosen.appwriteKeyId });
    });
    return done((tx) => storeKeySecret(run.ctx, tx, { organizationId: run.saga.organizationId, keyRowId: chosen.id, secret: minted.secret }));
  },
};

/** Registers the web platform, when the project has a hostname. "It exists already" is no success here either before it is seen. */
export const platform: Step<ProvisionTarget> = {
  key: 'platform',
  async run(run) {
    const { hostname } = run.target;
    if (hostname === null) return { kind: 'skipped' };
    const { attemptId, ref, admin } = await placed(run);
    // The same id on every attempt, so that a second call cannot register the hostname twice.
    const platformId = attemptId.replaceAll('-', '');
    try {
      await admin.createPlatform({ projectId: ref.projectId, platformId, name: hostname, hostname });
      return done();
    } catch (error) {
      if (appwriteFailureOf(error)?.kind !== 'conflict') throw error;
    }
    const registered = await admin.listPlatforms(ref.projectId);
    if (registered.some((each) => each.hostname === hostname)) return done();
    return { kind: 'wait', reason: 'Appwrite does not show the hostname yet. Studio registers it again by itself.' };
  },
};

export const ready: Step<ProvisionTarget> = {
  key: 'ready',
  run: (run) => Promise.resolve(done((tx) => openProject(tx, run))),
};

async function openProject(tx: TenantTx, run: Run): Promise<void> {
  const { organizationId, projectId } = run.saga;
  await tx.query(`update appwrite_projects set state = 'live', live_at = now() where organization_id = $1 and project_id = $2 and state = 'chosen'`, [organizationId, projectId]);
  await tx.query(
    `update projects set status = 'ready', ready_at = coalesce(ready_at, now()), updated_at = now()
      where organization_id = $1 and id = $2 and status in ('requested', 'provisioning')`,
    [organizationId, projectId],
  );
  await audit(run.ctx, tx, { organizationId, action: 'project.provisioned', target: { kind: 'project', id: run.target.publicId, name: run.target.name } });
  await emitEvent(run.ctx, tx, { organizationId, type: 'project.ready', data: { project: { id: run.target.publicId, name: run.target.name } } });
}

async function takePlace(tx: TenantTx, run: Run): Promise<{ instanceId: string; teamId: string; teamConfirmed: boolean } | null> {
  const { organizationId, projectId } = run.saga;
  const [started] = await tx.query(
    `update projects set status = 'provisioning', updated_at = now() where organization_id = $1 and id = $2 and status = 'requested' returning id`,
    [organizationId, projectId],
  );
  if (started !== undefined) await notify(tx, { kind: 'project', organization_id: organizationId, project_id: projectId });
  const { attempt } = run.target;
  if (attempt === null) throw new Error('there is no attempt to place');
  const instanceId = attempt.instanceId ?? (await placeAttempt(tx, organizationId, attempt.id));
  if (instanceId === null) return null;
  // The update changes nothing: it makes the row come back when it was there already.
  const [team] = await tx.query<{ team_id: string; confirmed: boolean }>(
    `insert into appwrite_teams as t (organization_id, instance_id, team_id) values ($1, $2, $3)
     on conflict (organization_id, instance_id) do update set team_id = t.team_id
     returning team_id, confirmed_at is not null as confirmed`,
    [organizationId, instanceId, newAppwriteId()],
  );
  if (team === undefined) throw new Error('the team was not stored');
  return { instanceId, teamId: team.team_id, teamConfirmed: team.confirmed };
}

async function placeAttempt(tx: TenantTx, organizationId: string, attemptId: string): Promise<string | null> {
  const [place] = await tx.query<{ instance_id: string | null }>(
    'update appwrite_projects set instance_id = studio.place_appwrite_project() where organization_id = $1 and id = $2 returning instance_id',
    [organizationId, attemptId],
  );
  return place?.instance_id ?? null;
}

/** Written before the key is minted; a repeated step finds the row and leaves it. */
async function chooseKey(tx: TenantTx, run: Run): Promise<void> {
  const { attempt, envKey } = run.target;
  if (attempt === null || envKey !== null) return;
  await tx.query(
    `insert into appwrite_keys (organization_id, id, public_id, project_id, appwrite_project_row_id, appwrite_key_id, name, purpose, scopes)
     values ($1, $2, $3, $4, $5, $6, $7, 'env', $8)`,
    [
      run.saga.organizationId, newUuid(run.ctx.clock.now().getTime()), newPublicId('appwriteKey'), run.saga.projectId,
      attempt.id, newAppwriteId(), envKeyName, defaultScopes,
    ],
  );
}

/** An id that may be half made is never used again: a late deletion would reach the new project's files. */
function anew(run: Run, reason: string, left: 'maybe' | 'nothing'): StepOutcome {
  return {
    kind: 'redo',
    from: 'reserve',
    reason,
    async record(tx) {
      await abandonAttempt(tx, run.saga, left);
      await beginAttempt(tx, run.saga);
    },
  };
}
