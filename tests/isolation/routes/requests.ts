import type { Operation, Schema } from './operations';
import type { Ids } from './organization';
import { bodyOf, plainValues } from './values';

export interface Filled {
  method: string;
  /** Below the family. */
  path: string;
  body: unknown;
  /** Everything of the request that an answer may repeat. */
  said: string;
}

/** The names under which an operation takes an id: all in its path, and whatever ends in `_id`. */
export function idNamesOf({ inPath, query, body }: Operation): string[] {
  const named = [...query.map(({ name }) => name), ...Object.keys(body?.properties ?? {})].filter((name) => name.endsWith('_id'));
  return [...new Set([...inPath, ...named])];
}

/** A request with these ids, and for the rest the least that is valid. */
export function fill(operation: Operation, ids: Ids): Filled {
  const { method } = operation;
  const parts = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(idOf(name, ids, operation)));
  const query = new URLSearchParams();
  for (const { name, required, schema } of operation.query) {
    if (name.endsWith('_id')) query.set(name, idOf(name, ids, operation));
    else if (required || name in plainValues) query.set(name, String(plainValues[name] ?? least(schema)));
  }
  const path = query.size === 0 ? parts : `${parts}?${query}`;
  const body = operation.body === null ? undefined : { ...bodyFor(operation, operation.body, ids), ...bodyOf[operation.name] };
  return { method, path, body, said: `${method} ${path} ${JSON.stringify(body) ?? ''}` };
}

function idOf(name: string, ids: Ids, { name: operation }: Operation): string {
  const value = ids[name] ?? plainValues[name];
  if (value !== undefined) return String(value);
  throw new Error(`${operation} asks for "${name}", of which the world has none: make one in tests/isolation/routes/organization.ts (ids), or, if it is not an id, give it a value in tests/isolation/routes/values.ts.`);
}

function bodyFor(operation: Operation, { properties = {}, required = [] }: Schema, ids: Ids): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(properties)) {
    if (name.endsWith('_id')) body[name] = idOf(name, ids, operation);
    else if (required.includes(name)) body[name] = ids[name] ?? plainValues[name] ?? least(schema);
  }
  return body;
}

/** The smallest value that a schema takes. */
function least(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [first] = schema.anyOf ?? [];
  if (first !== undefined) return least(first);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 0, 0);
  if (type === 'boolean') return true;
  if (type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => least(schema.items ?? {}));
  if (type === 'object') return Object.fromEntries((schema.required ?? []).map((name) => [name, least(schema.properties?.[name] ?? {})]));
  return 'text';
}
