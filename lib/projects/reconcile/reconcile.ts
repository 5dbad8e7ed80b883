import { appwriteFailureOf, type AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { chaseLeftovers } from './leftovers';
import { checkLiveProjects } from './missing';
import { listWhole } from './remote-list';
import { restartStuckSagas, resumeLostSagas } from './resume-sagas';
import { quarantineStrays, type StrayReport } from './strays';

export interface InstanceReport {
  instance: string;
  /** False when Appwrite's list was empty, cut short or failed: then nothing was deleted. */
  whole: boolean;
  strays: StrayReport;
  live: { probed: number; unhealthy: number };
}

export interface ReconcileReport {
  resumed: number;
  restarted: number;
  leftovers: { attempts: number; keys: number };
  /** Instances whose counter of placed projects was wrong. */
  recounted: number;
  instances: InstanceReport[];
}

/** Compares what Studio wants with what Appwrite has, both ways, and repairs what can be repaired without guessing. */
export async function reconcile(ctx: Ctx): Promise<ReconcileReport> {
  const instances = await asSystem(ctx, 'reconcile', (tx) => tx.query<{ id: string }>('select id from appwrite_instances order by id'));
  const report: ReconcileReport = {
    resumed: await resumeLostSagas(ctx),
    restarted: await restartStuckSagas(ctx),
    leftovers: await chaseLeftovers(ctx),
    recounted: await recount(ctx),
    instances: [],
  };
  for (const { id } of instances) {
    try {
      report.instances.push(await reconcileInstance(ctx, id));
    } catch (error) {
      // One server that fails must not keep the others from being looked at.
      if (appwriteFailureOf(error) === undefined) throw error;
      ctx.log.warn({ err: error, instance: id }, 'an Appwrite instance could not be reconciled');
    }
  }
  ctx.log.info({ reconcile: report }, 'reconciled');
  return report;
}

async function reconcileInstance(ctx: Ctx, id: string): Promise<InstanceReport> {
  const admin = (await ctx.appwrite.byId(id)).admin();
  const remote = await listOrNull(ctx, id, admin);
  const strays = remote === null ? { found: 0, cleared: 0, deleted: 0 } : await quarantineStrays(ctx, id, remote, admin);
  return { instance: id, whole: remote !== null, strays, live: await checkLiveProjects(ctx, id, remote, admin) };
}

async function listOrNull(ctx: Ctx, id: string, admin: AppwriteAdmin) {
  try {
    return await listWhole(admin);
  } catch (error) {
    if (appwriteFailureOf(error) === undefined) throw error;
    ctx.log.warn({ err: error, instance: id }, "Appwrite's list of projects could not be read");
    return null;
  }
}

/** Counter and count come from one snapshot, and the counter is set only if it has not moved since. */
async function recount(ctx: Ctx): Promise<number> {
  const wrong = await asSystem(ctx, 'reconcile', (tx) =>
    tx.query<{ id: string; placed: number; counted: number }>(
      `select i.id, i.placed, count(a.id)::int as counted from appwrite_instances i
         left join appwrite_projects a on a.instance_id = i.id and a.state <> 'deleted'
        group by i.id, i.placed having i.placed <> count(a.id)`,
    ),
  );
  for (const { id, placed, counted } of wrong) {
    ctx.log.warn({ instance: id, placed, counted }, 'the counter of placed projects was wrong');
    await asSystem(ctx, 'placement', (tx) => tx.query('update appwrite_instances set placed = $3 where id = $1 and placed = $2', [id, placed, counted]));
  }
  return wrong.length;
}
