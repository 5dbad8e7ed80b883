import type { AuditEntryView } from './schemas';

const columns: [name: string, value: (entry: AuditEntryView) => string | null][] = [
  ['id', (entry) => entry.id],
  ['at', (entry) => entry.at],
  ['actor_kind', (entry) => entry.actor.kind],
  ['actor_id', (entry) => entry.actor.id],
  ['actor_name', (entry) => entry.actor.name],
  ['action', (entry) => entry.action],
  ['target_kind', (entry) => entry.target.kind],
  ['target_id', (entry) => entry.target.id],
  ['target_name', (entry) => entry.target.name],
  ['outcome', (entry) => entry.outcome],
  ['reason', (entry) => entry.reason],
  ['ip', (entry) => entry.ip],
  ['user_agent', (entry) => entry.user_agent],
  ['request_id', (entry) => entry.request_id],
  ['changes', (entry) => (entry.changes === null ? null : JSON.stringify(entry.changes))],
];

export const auditCsvHeader = `${columns.map(([name]) => name).join(',')}\r\n`;

/** One line as RFC 4180 has it. */
export function toCsvLine(entry: AuditEntryView): string {
  return `${columns.map(([, value]) => cell(value(entry) ?? '')).join(',')}\r\n`;
}

/**
 * Spreadsheets run a cell that begins like a formula, and people choose names in this log. An apostrophe in front
 * makes it text again.
 */
function cell(text: string): string {
  const safe = /^[\s\u0000]*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
