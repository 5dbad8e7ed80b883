import type { AuditEntryView } from '@/lib/trust/audit/schemas';

/** Who acted, in words, also when the account has no name left. */
export function actorName({ actor }: AuditEntryView): string {
  return actor.name ?? actor.id ?? (actor.kind === 'anonymous' ? 'Somebody not signed in' : actor.kind);
}
