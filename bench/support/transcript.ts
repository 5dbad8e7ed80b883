import pg from 'pg';

/** One message of a verb to Postgres, as the driver was given it. */
export interface Spoken {
  text: string;
  values: readonly unknown[];
  /** The name under which a connection keeps its plan. */
  name?: string;
}

/** Everything a verb says to Postgres from `begin` to `commit`, and which of the ids in it are made anew each time. */
export interface Transcript {
  spoken: readonly Spoken[];
  fresh: ReadonlySet<string>;
}

/**
 * Listens to what a verb asks of Postgres. It is run three times: the first run fills what the process keeps, and
 * what differs between the other two is what the verb makes itself.
 */
export async function transcriptOf(verb: () => Promise<unknown>): Promise<Transcript> {
  await verb();
  const before = await heard(verb);
  const spoken = await heard(verb);
  if (before.length !== spoken.length || spoken[0]?.text.startsWith('begin') !== true || spoken.at(-1)?.text !== 'commit') {
    throw new Error(`the verb does not say the same each time, from begin to commit:\n${spoken.map(({ text }) => text).join(';\n')}`);
  }
  const known = new Set(before.flatMap(({ values }) => values.flatMap(idsIn)));
  const fresh = new Set(spoken.flatMap(({ values }) => values.flatMap(idsIn)).filter((id) => !known.has(id)));
  return { spoken, fresh };
}

/** A uuid, a public id, or an id of Appwrite. */
const anyId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[a-z]{3}_[0-9a-z]{26}\b|\b[0-9a-f]{32}\b/g;

export function idsIn(value: unknown): string[] {
  return typeof value === 'string' ? (value.match(anyId) ?? []) : [];
}

async function heard(verb: () => Promise<unknown>): Promise<Spoken[]> {
  const spoken: Spoken[] = [];
  const query = Reflect.get(pg.Client.prototype, 'query');
  Reflect.set(pg.Client.prototype, 'query', function listen(this: pg.Client, ...args: unknown[]): unknown {
    const [asked] = args;
    if (isQuery(asked)) spoken.push({ text: asked.text, values: asked.values ?? [], ...(asked.name === undefined ? {} : { name: asked.name }) });
    return Reflect.apply(query, this, args);
  });
  try {
    await verb();
  } finally {
    Reflect.set(pg.Client.prototype, 'query', query);
  }
  return spoken;
}

function isQuery(value: unknown): value is pg.QueryConfig<unknown[]> {
  return typeof value === 'object' && value !== null && 'text' in value;
}
