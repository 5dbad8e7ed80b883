import type { Tx } from './client';

/** The channel on which servers hear of changes. A notice only nudges: listeners read the rows themselves, under their own rights. */
export const noticeChannel = 'studio';

export type Notice =
  | { kind: 'project'; organization_id: string; project_id: string }
  | { kind: 'saga'; organization_id: string; project_id: string }
  | { kind: 'organization'; organization_id: string }
  /** What somebody may see has changed, or a key is gone: whoever it is looks again. */
  | { kind: 'access'; actor_id: string };

/** Sent when the transaction commits, and not at all when it does not. All ids are row uuids. */
export async function notify(tx: Tx, notice: Notice): Promise<void> {
  await tx.query('select pg_notify($1, $2)', [noticeChannel, JSON.stringify(notice)]);
}
