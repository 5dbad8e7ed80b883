/** How an attribute is kept in Postgres and what JavaScript sees. */
export type Kind = 'string' | 'integer' | 'float' | 'boolean' | 'datetime' | 'json';

export interface Attribute<T = unknown> {
  readonly kind: Kind;
  readonly array: boolean;
  /** May appear in the `queries` of a list. */
  readonly queryable: boolean;
  readonly sql: string;
  /** Carries the JavaScript type; never set. */
  readonly type?: T;
}

export type Attributes = Readonly<Record<string, Attribute>>;

export interface Collection<A extends Attributes = Attributes> {
  /** Logical table name; the namespace adds its prefix. */
  readonly name: string;
  readonly attributes: A;
  /** Sets of attributes that no two documents share; empty texts do not count. */
  readonly unique?: ReadonlyArray<readonly string[]>;
}

type Values<A extends Attributes> = { -readonly [K in keyof A]: A[K] extends Attribute<infer T> ? T : unknown };

export type Document<A extends Attributes = Attributes> = {
  $id: string;
  /** The row number inside the namespace. */
  $sequence: number;
  $createdAt: Date;
  $updatedAt: Date;
  $permissions: string[];
  values: Values<A>;
};

const text = (): Attribute<string> => ({ kind: 'string', array: false, queryable: true, sql: "text NOT NULL DEFAULT ''" });
const hidden = (): Attribute<string> => ({ ...text(), queryable: false });
const flag = (initial: boolean): Attribute<boolean> => ({ kind: 'boolean', array: false, queryable: true, sql: `boolean NOT NULL DEFAULT ${initial}` });
const count = (): Attribute<number> => ({ kind: 'integer', array: false, queryable: true, sql: 'bigint NOT NULL DEFAULT 0' });
const time = (): Attribute<Date | null> => ({ kind: 'datetime', array: false, queryable: true, sql: 'timestamptz(3)' });
const list = (): Attribute<string[]> => ({ kind: 'string', array: true, queryable: true, sql: "jsonb NOT NULL DEFAULT '[]'" });
const json = <T>(): Attribute<T> => ({ kind: 'json', array: false, queryable: false, sql: "jsonb NOT NULL DEFAULT '{}'" });

const anything = (): Attribute<unknown> => ({ kind: 'json', array: false, queryable: false, sql: 'jsonb' });

function collection<A extends Attributes>(name: string, attributes: A, unique: ReadonlyArray<ReadonlyArray<keyof A & string>> = []): Collection<A> {
  return { name, attributes, unique };
}

export type JsonObject = Record<string, unknown>;

export const users = collection('users', {
  name: text(), email: text(), phone: text(), status: flag(true), labels: list(), password: hidden(),
  passwordUpdate: time(), prefs: json<JsonObject>(), registration: time(), emailVerification: flag(false),
  phoneVerification: flag(false), mfa: flag(false), accessedAt: time(), targetId: hidden(),
}, [['email']]);
export const sessions = collection('sessions', {
  userId: text(), secretHash: hidden(), provider: text(), providerUid: text(), expire: time(), factors: list(), ip: text(),
  /** The one operating system that is recognized by its user agent. */
  linux: flag(false),
});
export const teams = collection('teams', { name: text(), prefs: json<JsonObject>() });
export const memberships = collection('memberships', {
  userId: text(), teamId: text(), roles: list(), invited: time(), joined: time(), confirm: flag(true),
}, [['teamId', 'userId']]);
export const projects = collection('projects', { name: text(), teamId: text(), region: hidden(), labels: list(), accessedAt: time() });
export const keys = collection('keys', {
  project: count(), name: text(), scopes: list(), expire: time(), secret: hidden(), accessedAt: time(), sdks: list(),
});
export const platforms = collection('platforms', { project: count(), name: text(), type: text(), hostname: text(), key: text() });
export const deletions = collection('deletions', { project: count(), projectId: text(), dueAt: time() });
/** The secret that signs this installation's JWTs. */
export const signing = collection('signing', { secret: hidden() });
export const databases = collection('databases', { name: text(), enabled: flag(true), type: text() });
/** One such table per database, named after the database's sequence. */
export const tablesOf = (database: number) => collection(`database_${database}`, {
  databaseId: text(), name: text(), enabled: flag(true), rowSecurity: flag(false),
});
export const columns = collection('attributes', {
  database: count(), table: count(), key: text(), type: text(), format: text(), status: text(), error: text(),
  required: flag(false), array: flag(false), options: json<JsonObject>(), initial: anything(),
}, [['database', 'table', 'key']]);
export const indexes = collection('indexes', {
  database: count(), table: count(), key: text(), type: text(), status: text(), error: text(),
  columns: list(), lengths: json<number[]>(), orders: list(),
}, [['database', 'table', 'key']]);
export const buckets = collection('buckets', {
  name: text(), enabled: flag(true), fileSecurity: flag(false), maximumFileSize: count(), allowedFileExtensions: list(),
  compression: text(), encryption: flag(true), antivirus: flag(true), transformations: flag(true),
});
/** One such table per bucket, named after the bucket's sequence. */
export const filesOf = (bucket: number) => collection(`bucket_${bucket}`, {
  bucketId: text(), name: text(), signature: text(), mimeType: text(), sizeOriginal: count(), sizeStored: count(),
  chunksTotal: count(), chunksUploaded: count(), received: json<number[]>(),
});
export const resourceTokens = collection('resourceTokens', { resourceId: text(), resourceType: text(), expire: time(), accessedAt: time() });

export type UserDocument = Document<typeof users.attributes>;
export type SessionDocument = Document<typeof sessions.attributes>;
export type TeamDocument = Document<typeof teams.attributes>;
export type MembershipDocument = Document<typeof memberships.attributes>;
export type ProjectDocument = Document<typeof projects.attributes>;
export type KeyDocument = Document<typeof keys.attributes>;
export type PlatformDocument = Document<typeof platforms.attributes>;
export type DatabaseDocument = Document<typeof databases.attributes>;
export type TableDocument = Document<ReturnType<typeof tablesOf>['attributes']>;
export type ColumnDocument = Document<typeof columns.attributes>;
export type IndexDocument = Document<typeof indexes.attributes>;
export type BucketDocument = Document<typeof buckets.attributes>;
export type FileDocument = Document<ReturnType<typeof filesOf>['attributes']>;

export const CONSOLE_COLLECTIONS: readonly Collection[] = [users, sessions, teams, memberships, projects, keys, platforms, deletions, signing];

/** In the order in which a new project gets them: a create that dies half-way has the first n. */
export const PROJECT_COLLECTIONS: readonly Collection[] = [
  databases, columns, indexes, users, sessions, teams, memberships, buckets, resourceTokens,
];
