import { isObject } from '@/lib/local-cloud/appwrite/params';

const RECORDED_ID = /^6b[0-9a-f]{18}$/;
const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+00:00|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z|\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3})$/;

/** What stands for a secret in the recordings, and what a real one looks like. */
const SECRETS: ReadonlyArray<readonly [RegExp, RegExp]> = [
  [/^standard_<256 hex>$/, /^standard_[0-9a-f]{256}$/],
  [/^ephemeral_<jwt>$/, /^ephemeral_[\w-]+\.[\w-]+\.[\w-]+$/],
  [/^<jwt>$/, /^[\w-]+\.[\w-]+\.[\w-]+$/],
  [/^<session: base64 of \{id,secret\}>$/, /^[A-Za-z0-9+/]+=*$/],
  [/^\$argon2id\$/, /^\$argon2id\$/],
];

/** Numbers and texts that depend on the machine or the moment: only their type is compared. */
const INCIDENTAL = new Set(['$sequence', 'ping', 'memory_cost', 'time_cost', 'threads']);

export interface Comparison {
  /** Ids of the recording → ids of this run; filled while comparing. */
  ids: Map<string, string>;
  /** Keys whose values are known to differ, with the reason in the plan. */
  ignore?: readonly string[];
  /** Compare which fields there are, not what they hold, and the first entry of lists only. */
  shapeOnly?: boolean;
}

/** Where two bodies differ, as readable lines; empty when they agree. */
export function differences(recorded: unknown, actual: unknown, comparison: Comparison, at = ''): string[] {
  if (typeof recorded === 'string') return differentText(recorded, actual, comparison, at);
  if (Array.isArray(recorded)) return differentLists(recorded, actual, comparison, at);
  if (isObject(recorded)) return differentObjects(recorded, actual, comparison, at);
  if (comparison.shapeOnly === true ? typeof recorded === typeof actual : Object.is(recorded, actual)) return [];
  return [`${at}: ${JSON.stringify(recorded)} ≠ ${JSON.stringify(actual)}`];
}

function differentText(recorded: string, actual: unknown, { ids, shapeOnly }: Comparison, at: string): string[] {
  const unequal = [`${at}: ${JSON.stringify(recorded)} ≠ ${JSON.stringify(actual)}`];
  if (typeof actual !== 'string') return unequal;
  if (shapeOnly === true) return [];
  if (TIME.test(recorded)) return TIME.test(actual) ? [] : unequal;
  const secret = SECRETS.find(([placeholder]) => placeholder.test(recorded));
  if (secret !== undefined) return secret[1].test(actual) ? [] : unequal;
  if (RECORDED_ID.test(recorded) && !ids.has(recorded) && /^[0-9a-f]{20}$/.test(actual)) ids.set(recorded, actual);
  return replaceIds(recorded, ids) === actual ? [] : unequal;
}

function differentLists(recorded: readonly unknown[], actual: unknown, comparison: Comparison, at: string): string[] {
  if (!Array.isArray(actual)) return [`${at}: a list ≠ ${JSON.stringify(actual)}`];
  if (comparison.shapeOnly === true) return recorded.length === 0 || actual.length === 0 ? [] : differences(recorded[0], actual[0], comparison, `${at}[0]`);
  if (recorded.length !== actual.length) return [`${at}: ${recorded.length} entries ≠ ${actual.length}`];
  return recorded.flatMap((item, i) => differences(item, actual[i], comparison, `${at}[${i}]`));
}

function differentObjects(recorded: Record<string, unknown>, actual: unknown, comparison: Comparison, at: string): string[] {
  if (!isObject(actual)) return [`${at}: an object ≠ ${JSON.stringify(actual)}`];
  const found = Object.keys(recorded).flatMap((key) => {
    if (!Object.hasOwn(actual, key)) return [`${at}.${key}: missing`];
    if (comparison.ignore?.includes(key) === true) return [];
    if (INCIDENTAL.has(key)) return typeof recorded[key] === typeof actual[key] ? [] : [`${at}.${key}: another type`];
    return differences(recorded[key], actual[key], comparison, `${at}.${key}`);
  });
  const extra = Object.keys(actual).filter((key) => !Object.hasOwn(recorded, key)).map((key) => `${at}.${key}: not in the recording`);
  return [...found, ...extra];
}

export function replaceIds(text: string, ids: ReadonlyMap<string, string>): string {
  return text.replaceAll(/6b[0-9a-f]{18}/g, (id) => ids.get(id) ?? id);
}
