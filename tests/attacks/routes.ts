import { doors, families } from '@/app/api/_routes/doors';
import type { Door } from '@/lib/http/door';

/** One address of the API as it can be asked for: a door below one of its path families, or one of the two streams. */
export interface Route {
  method: string;
  /** With its family, parameters as `{name}`. */
  path: string;
  /** Reachable without a credential. */
  open: boolean;
  /** Undefined for the streams, which are routes of their own. */
  door?: Door;
}

/** Beside the doors; the test of foreign sites compares all of these with the server's own routes. */
const streams = ['/events', '/projects/{project}/deployments/{deployment}/logs/stream'];

/** Every route that the doors define, and the streams beside them. */
export const routes: readonly Route[] = families.flatMap((family): Route[] => [
  ...doors.map((door) => ({ method: door.method.toUpperCase(), path: family + door.path, open: door.open === true, door })),
  ...streams.map((path) => ({ method: 'GET', path: family + path, open: false })),
]);

export const closedRoutes = routes.filter(({ open }) => !open);
export const mutatingRoutes = routes.filter(({ method }) => method !== 'GET');

/** The address with its parameters filled in; one that `ids` lacks gets `otherwise`. */
export function addressOf({ path }: Pick<Route, 'path'>, ids: Readonly<Record<string, string>>, otherwise = 'key_00000000000000000000000000'): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? otherwise);
}

export function nameOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** The door's own name, without a family: what samples and exceptions are listed by. */
export function doorName({ method, path }: Pick<Door, 'method' | 'path'>): string {
  return `${method} ${path}`;
}
