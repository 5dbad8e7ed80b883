import { sql } from 'drizzle-orm';
import { bigint, check, foreignKey, index, integer, jsonb, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { tenantTable } from '../tenant-table';
import { createdAt, instant } from './columns';
import { services } from './deployments';
import { toProject } from './projects';

/** One run of a saga. The lease token fences: a worker that lost its lease can no longer write. */
export const sagas = tenantTable(
  'sagas',
  {
    publicId: text('public_id').notNull().unique(),
    kind: text('kind').notNull(),
    projectId: uuid('project_id').notNull(),
    /** Set for what is done to a service of the project; null for what is done to the project itself. */
    serviceId: uuid('service_id'),
    state: text('state').notNull().default('running'),
    input: jsonb('input').$type<Record<string, unknown>>().notNull(),
    leaseToken: bigint('lease_token', { mode: 'number' }).notNull().default(0),
    leasedUntil: instant('leased_until'),
    deadlineAt: instant('deadline_at').notNull(),
    requestedBy: jsonb('requested_by').$type<Record<string, unknown>>().notNull(),
    error: jsonb('error').$type<{ code: string; message: string }>(),
    createdAt: createdAt(),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    toProject('sagas', [t.organizationId, t.projectId]),
    foreignKey({
      name: 'sagas_service_fk',
      columns: [t.organizationId, t.serviceId],
      foreignColumns: [services.organizationId, services.id],
    }).onDelete('restrict'),
    index('sagas_service_idx').on(t.organizationId, t.serviceId),
    index('sagas_project_idx').on(t.organizationId, t.projectId, t.createdAt),
    uniqueIndex('sagas_open_key')
      .on(t.organizationId, t.projectId)
      .where(sql`state in ('running', 'undoing') and service_id is null`),
    uniqueIndex('sagas_open_service_key')
      .on(t.organizationId, t.serviceId)
      .where(sql`state in ('running', 'undoing')`),
    // Few, and counted for whoever has to look at them.
    index('sagas_stuck_idx')
      .on(t.kind)
      .where(sql`state = 'stuck'`),
    check('sagas_state_check', sql`${t.state} in ('running', 'undoing', 'done', 'undone', 'stuck')`),
  ],
);

const toSaga = (table: string, columns: Parameters<typeof foreignKey>[0]['columns']) =>
  foreignKey({
    name: `${table}_saga_fk`,
    columns,
    foreignColumns: [sagas.organizationId, sagas.id],
  }).onDelete('restrict');

export const sagaSteps = tenantTable(
  'saga_steps',
  {
    sagaId: uuid('saga_id').notNull(),
    key: text('key').notNull(),
    position: integer('position').notNull(),
    state: text('state').notNull().default('waiting'),
    attempt: integer('attempt').notNull().default(0),
    undoAttempt: integer('undo_attempt').notNull().default(0),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    nextAttemptAt: instant('next_attempt_at'),
    /** Why it waits or failed, in words for a person. */
    reason: text('reason'),
    output: jsonb('output').$type<Record<string, unknown>>(),
  },
  (t) => [
    toSaga('saga_steps', [t.organizationId, t.sagaId]),
    unique('saga_steps_key').on(t.organizationId, t.sagaId, t.key),
    check(
      'saga_steps_state_check',
      sql`${t.state} in ('waiting', 'running', 'retrying', 'done', 'skipped', 'failed', 'undoing', 'undone')`,
    ),
  ],
);

/** Append-only history of a saga: a start, a success, a failure or an undoing of a step. */
export const sagaEvents = tenantTable(
  'saga_events',
  {
    sagaId: uuid('saga_id').notNull(),
    projectId: uuid('project_id').notNull(),
    stepKey: text('step_key'),
    kind: text('kind').notNull(),
    attempt: integer('attempt').notNull(),
    detail: text('detail'),
    at: instant('at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    toSaga('saga_events', [t.organizationId, t.sagaId]),
    index('saga_events_saga_idx').on(t.organizationId, t.sagaId, t.id),
  ],
);
