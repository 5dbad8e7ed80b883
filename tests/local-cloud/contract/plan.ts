import type { Effect } from '@/lib/local-cloud/appwrite/faults';
import { endUserSteps } from './plan-end-users';
import { platformSteps } from './plan-platform';
import type { World } from './world';

/** What replaying one exchange needs beyond what was recorded. */
export interface Step {
  /** Whose session is sent; the console account on the console, else `user1`. */
  as?: string;
  /** Whose JWT is sent, when not that of `as`. */
  jwt?: string;
  /** Whose key is sent, when not the project's. */
  key?: string;
  /** The project whose people and keys are meant, when the headers do not say it. */
  project?: string;
  before?(world: World): Promise<void>;
  after?(world: World): Promise<void>;
  /** Keeps the session, JWT or key that the answer brings under this name. */
  opens?: string;
  savesJwt?: string;
  savesKey?: string;
  /** The multipart body, which the recordings leave out. */
  form?(): FormData;
  /** Ask again until the answer holds this text. */
  until?: string;
  /** The failure that the real server was in; the stand-in is put into it. */
  fault?: Effect;
  /** Fields that cannot agree. */
  ignore?: readonly string[];
  /** The values come from runs that were not recorded: compare the fields only. */
  shapeOnly?: boolean;
}

export type Plan = ReadonlyArray<readonly [pattern: RegExp, step: Step]>;

const PLAN: Plan = [...platformSteps, ...endUserSteps];

/** Why an exchange is not replayed. */
const LEFT_OUT: ReadonlyArray<readonly [RegExp, string]> = [
  [/^06i-/, 'asks for the format of a version before 1.0'],
  [/^5[45]/, 'uses organization and account keys, which no route mints (they were written into the database by hand)'],
  [/^84e-/, 'health check of a cache server: the stand-in has none'],
  [/^87-.*-during$/, 'answer of a server whose database dies in the middle: the stand-in drops the connection instead'],
  [/^130m-/, 'is no evidence, as the notes say'],
  [/^(183[cdei]|186d)-/, 'image previews: the stand-in has no image library and says so'],
];

export function reasonToLeaveOut(name: string): string | undefined {
  return LEFT_OUT.find(([pattern]) => pattern.test(name))?.[1];
}

export function stepFor(name: string): Step {
  return Object.assign({}, ...PLAN.filter(([pattern]) => pattern.test(name)).map(([, step]) => step));
}

const MID_CREATE = ['during', 'get', 'retry-create', 'key-create', 'users-list', 'users-create', 'tablesdb-create', 'bucket-create', 'delete', 'recreate'];

/** Sorts names into the order in which things happened, where that is not the order of the names. */
export function inOrder<T extends { name: string }>(exchanges: readonly T[]): T[] {
  return exchanges.map((exchange, i) => ({ exchange, rank: rank(exchange.name, i) })).sort((a, b) => a.rank - b.rank).map(({ exchange }) => exchange);
}

function rank(name: string, index: number): number {
  const group = Number(/^\d+/.exec(name)?.[0]);
  const middle = group * 1000 + index;
  if (/^(06[e-i]|18b?-|19-|28e|4[5-9])/.test(name)) return 79_000 + middle / 1000;
  if (/^8[567]-/.test(name)) return group * 1000 + MID_CREATE.indexOf(name.replace(/^.*mid-create-/, ''));
  if (name.startsWith('108')) return 118_999 + index / 1000;
  return middle;
}
