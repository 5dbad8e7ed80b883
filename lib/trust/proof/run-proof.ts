import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { endThrowAway } from '@/lib/identity/throw-away/end-throw-aways';
import { openThrowAway, type ThrowAway } from '@/lib/identity/throw-away/open-throw-away';
import { audit } from '@/lib/trust/audit/record';
import { apiCallers, apiProbes, demandAdmitted, probeApi, type ProbedApi } from './api-part';
import { databaseProbers, databaseProbes, probeDatabase } from './database-part';
import { auditTarget, selectProofs, toProofView, type ProofRow } from './internal';
import type { ProofReport } from './schemas';
import { signReport } from './signing';
import { Tally } from './tally';
import { readVictim, type Victim } from './victim';

interface Asked {
  /** Row uuids. */
  organizationId: string;
  proofId: string;
}

const progressEveryMs = 400;

/**
 * Makes a proof that was asked for: a stranger with an organization of their own tries to read this one. A worker that
 * is killed leaves it to the next one, which begins anew; a fault ends it, for whoever asked to try again.
 */
export async function runProof(ctx: Ctx, asked: Asked, api: ProbedApi): Promise<void> {
  const proof = await begin(ctx, asked);
  if (proof === null) return;
  try {
    await finish(ctx, asked, proof, await probe(ctx, asked, proof, api));
  } catch (error) {
    if (error instanceof Superseded) return ctx.log.warn({ proof: proof.public_id }, 'another worker makes the proof anew');
    ctx.log.error({ err: error, proof: proof.public_id }, 'a proof of isolation could not be made');
    await fail(ctx, asked, proof);
  }
}

/** The proof was begun anew elsewhere, or ended: this run has nothing more to say. */
class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** Null when it has ended already. */
async function begin(ctx: Ctx, { organizationId, proofId }: Asked): Promise<ProofRow | null> {
  return within(ctx, { organizationId }, 'isolation:prove', async (tx) => {
    await tx.query(
      `update isolation_proofs set state = 'running', started_at = $3, probes_planned = null, probes_made = 0, leaks = 0
        where organization_id = $1 and id = $2 and state in ('queued', 'running')`,
      [organizationId, proofId, ctx.clock.now()],
    );
    const [row] = await tx.query<ProofRow>(`${selectProofs} where p.organization_id = $1 and p.id = $2 and p.state = 'running'`, [organizationId, proofId]);
    return row ?? null;
  });
}

async function probe(ctx: Ctx, asked: Asked, proof: ProofRow, api: ProbedApi): Promise<ProofReport> {
  const victim = await readVictim(ctx, asked.organizationId);
  const stranger = await openThrowAway(ctx);
  try {
    return await tryEverything(ctx, { asked, proof, api, victim, stranger });
  } finally {
    // Tried again every hour; what ended the proof is what should be told.
    await endThrowAway(ctx, stranger.userId).catch((error: unknown) => ctx.log.error({ err: error }, 'the stranger of a proof could not be removed yet'));
  }
}

async function tryEverything(ctx: Ctx, { asked, proof, api, victim, stranger }: { asked: Asked; proof: ProofRow; api: ProbedApi; victim: Victim; stranger: ThrowAway }): Promise<ProofReport> {
  const [database, routes] = [new Tally(), new Tally()];
  const [probers, callers] = [databaseProbers(ctx.database, stranger), apiCallers(stranger)];
  const statements = databaseProbes(victim);
  const { probes, leftOut } = apiProbes(api, victim);
  const planned = statements.length * probers.length + probes.length * callers.length;
  const progress = progressOf(ctx, asked, proof, planned, () => ({ probes: database.probes + routes.probes, leaks: database.leaks + routes.leaks }));
  await progress(true);
  await demandAdmitted(api, callers, stranger);
  for (const caller of callers) await probeApi(api, caller, probes, victim, routes, progress);
  // Not before the end: credentials that ran out meanwhile would make every refusal worthless.
  await demandAdmitted(api, callers, stranger);
  for (const route of api.streams) routes.leaveOut(`GET ${route}`, 'a stream, which the test suites of Studio try');
  for (const { route, missing } of leftOut) routes.leaveOut(`GET ${route}`, `the organization has no ${missing}`);
  for (const prober of probers) {
    await probeDatabase(prober, statements, victim, database, progress);
    // One line for all of them: thousands would bury what people do.
    ctx.log.info({ access: 'probes', as: prober.name, organization: stranger.organizationId, against: victim.organizationId, statements: statements.length, request_id: ctx.requestId }, 'tenant access');
  }
  const { requested_by, started_at } = toProofView(proof);
  return {
    kind: 'studio.isolation-proof',
    version: 1,
    id: proof.public_id,
    installation: ctx.baseUrl,
    organization: await named(ctx, asked),
    requested_by,
    started_at: started_at ?? ctx.clock.now().toISOString(),
    finished_at: ctx.clock.now().toISOString(),
    actors: [
      ...callers.map(({ name, description }) => ({ part: 'api' as const, name, description })),
      ...probers.map(({ name, description }) => ({ part: 'database' as const, name, description })),
    ],
    searched_for: victim.ids.size,
    probes: database.probes + routes.probes,
    leaks: database.leaks + routes.leaks,
    database: database.tried(),
    api: routes.tried(),
    found: [...routes.found, ...database.found],
  };
}

/** A worker that was cut off may still write when another one has begun anew. */
const thisRun = `organization_id = $1 and id = $2 and state = 'running' and started_at = $3`;

/** Writes down how far it is, now and then. */
function progressOf(ctx: Ctx, { organizationId, proofId }: Asked, { started_at: startedAt }: ProofRow, planned: number, made: () => { probes: number; leaks: number }): (always?: boolean) => Promise<void> {
  let nextMs = 0;
  return async (always = false) => {
    const nowMs = ctx.clock.monotonicMs();
    if (!always && nowMs < nextMs) return;
    nextMs = nowMs + progressEveryMs;
    const { probes, leaks } = made();
    const rows = await within(ctx, { organizationId }, 'isolation:progress', (tx) =>
      tx.query(`update isolation_proofs set probes_planned = $4, probes_made = $5, leaks = $6 where ${thisRun} returning id`, [organizationId, proofId, startedAt, planned, probes, leaks]),
    );
    if (rows.length === 0) throw new Superseded();
  };
}

function named(ctx: Ctx, { organizationId }: Asked): Promise<{ id: string; name: string }> {
  return within(ctx, { organizationId }, 'isolation:read', async (tx) => {
    const [row] = await tx.query<{ id: string; name: string }>('select public_id as id, name from organizations where id = $1', [organizationId]);
    if (row === undefined) throw new Error('the organization is gone');
    return row;
  });
}

async function finish(ctx: Ctx, { organizationId, proofId }: Asked, { started_at: startedAt }: ProofRow, report: ProofReport): Promise<void> {
  const signed = await signReport(ctx, report);
  await within(ctx, { organizationId }, 'isolation:prove', async (tx) => {
    const rows = await tx.query(
      `update isolation_proofs set state = 'finished', finished_at = $4, probes_planned = $5, probes_made = $5, leaks = $6, signed_report = $7 where ${thisRun} returning id`,
      [organizationId, proofId, startedAt, report.finished_at, report.probes, report.leaks, signed],
    );
    if (rows.length === 0) throw new Superseded();
    const changes = { probes: { from: null, to: report.probes }, leaks: { from: null, to: report.leaks } };
    await audit(ctx, tx, { organizationId, action: 'isolation_proof.finished', target: auditTarget({ public_id: report.id }), changes });
  });
}

async function fail(ctx: Ctx, { organizationId, proofId }: Asked, { started_at: startedAt }: ProofRow): Promise<void> {
  const reason = 'The probes could not be made to their end, so nothing is proven. Start it again; if it fails each time, the log of the worker says why.';
  await within(ctx, { organizationId }, 'isolation:prove', async (tx) => {
    const [row] = await tx.query<{ public_id: string }>(
      `update isolation_proofs set state = 'failed', finished_at = $4, reason = $5 where ${thisRun} returning public_id`,
      [organizationId, proofId, startedAt, ctx.clock.now(), reason],
    );
    if (row !== undefined) await audit(ctx, tx, { organizationId, action: 'isolation_proof.failed', target: auditTarget(row), reason });
  });
}
