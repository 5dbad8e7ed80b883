import { z } from 'zod';
import { door, type Door } from '@/lib/http/door';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import type { RouteWorld } from './route-world';

const Anything = z.record(z.string(), z.unknown());
const OfProject = z.strictObject({ project_id: z.string() });

const flaw = (summary: string) => ({ tag: 'Leaks', summary, status: 200 as const, returns: Anything });

/** Doors as a careless hand could add them: each reads or writes past the one way into an organization, or around a part of it. */
export function leakyDoors({ studio }: RouteWorld): Door[] {
  const raw = async (text: string, values: unknown[]) => Anything.parse((await studio.raw<Record<string, unknown>>(text, values))[0] ?? {});
  return [
    door({
      ...flaw('reads a project as superuser'), method: 'get', path: '/projects/{project}/leak',
      run: (_, { params }) => raw('select name from projects where public_id = $1', [params.project]),
    }),
    door({
      ...flaw('reads an organization for guests'), method: 'get', path: '/organizations/{organization}/leak', open: true,
      run: (_, { params }) => raw('select name from organizations where public_id = $1', [params.organization]),
    }),
    door({
      ...flaw('writes an organization as superuser'), method: 'post', path: '/organizations/{organization}/leak',
      run: (_, { params }) => raw(`update organizations set subdomain = 'leak' where public_id = $1 returning status`, [params.organization]),
    }),
    door({
      ...flaw('demands a right in one project and reads a key of any'), method: 'get', path: '/projects/{project}/keys/{key}/leak',
      run: (ctx, { params }) => within(ctx, { project: params.project }, 'key:read', () => raw('select name from appwrite_keys where public_id = $1', [params.key])),
    }),
    door({
      ...flaw('forgets the project of a key'), method: 'get', path: '/projects/{project}/keys/{key}/sibling',
      run: (ctx, { params }) =>
        within(ctx, { project: params.project }, 'key:read', async (tx, { organizationId }) => found(await tx.query('select name from appwrite_keys where organization_id = $1 and public_id = $2', [organizationId, params.key]))),
    }),
    door({
      ...flaw('forgets that a key may be limited to one project'), method: 'get', path: '/projects/{project}/unlimited',
      run: (ctx, { params }) =>
        within(ctx, { project: params.project }, 'project:read', async (tx, { organizationId }) => found(await tx.query('select name from projects where organization_id = $1 and public_id = $2', [organizationId, params.project]))),
    }),
    door({
      ...flaw('lists all projects to a key of one'), method: 'get', path: '/organizations/{organization}/projects-leak',
      run: (ctx, { params }) =>
        within(ctx, { organization: params.organization }, 'project:read', async (tx, { organizationId }) => ({ data: await tx.query('select public_id from projects where organization_id = $1', [organizationId]) })),
    }),
    door({
      ...flaw('tells a stranger that an organization is there'), method: 'get', path: '/organizations/{organization}/oracle',
      run: (ctx, { params }) =>
        within(ctx, { organization: params.organization }, 'organization:read', () => Promise.resolve({})).catch((error: unknown) => {
          throw error instanceof AppError && error.code === 'not_found' ? new AppError('forbidden', 'You are no member.') : error;
        }),
    }),
    door({
      ...flaw('changes something and logs nothing'), method: 'post', path: '/organizations/{organization}/silent',
      run: (ctx, { params }) =>
        within(ctx, { organization: params.organization }, 'organization:update', async (tx, { organizationId }) => found(await tx.query(`update organizations set subdomain = 'silent' where id = $1 returning status`, [organizationId]))),
    }),
    door({
      ...flaw('takes a project of anybody in its body'), method: 'post', path: '/organizations/{organization}/body-leak', body: OfProject,
      run: (ctx, { params, body }) => within(ctx, { organization: params.organization }, 'project:read', () => raw('select name from projects where public_id = $1', [OfProject.parse(body).project_id])),
    }),
  ];
}

function found(rows: unknown[]): object {
  const [row] = rows;
  if (row === undefined) throw new AppError('not_found', 'There is no such thing, or you cannot see it.');
  return Anything.parse(row);
}
