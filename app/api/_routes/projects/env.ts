import { door, Raw } from '@/lib/http/door';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { copyVariables } from '@/lib/projects/env/copy-variables';
import { exportEnv } from '@/lib/projects/env/export-env';
import { getEnv } from '@/lib/projects/env/get-env';
import { FirstRequestView, getFirstRequest } from '@/lib/projects/env/get-first-request';
import { ChangeVariables, CopiedVariables, CopyVariables, EnvView, ExportEnv, OfEnvironment, VariableChanges } from '@/lib/projects/env/schemas';

/** What a browser calls the file, by format. */
const exportNames = new Map([['json', 'env.json'], ['compose', 'compose.environment.yml']]);

export const envDoors = [
  door({
    method: 'get', path: '/projects/{project}/env', tag: 'Environment', query: OfEnvironment, status: 200, returns: EnvView,
    summary: 'The variables that an app of this project gets; secrets by their last characters only',
    run: (ctx, { params, query }) => getEnv(ctx, params.project, query),
  }),
  door({
    method: 'post', path: '/projects/{project}/env/variables', tag: 'Environment', query: OfEnvironment, body: ChangeVariables, status: 200, returns: VariableChanges,
    summary: 'Set and remove variables in one write, from a list or the text of a .env file, or see what that would change',
    run: (ctx, { params, query, body }) => changeVariables(ctx, params.project, body, query),
  }),
  door({
    method: 'post', path: '/projects/{project}/env/variables/copy', tag: 'Environment', query: OfEnvironment, body: CopyVariables, status: 200, returns: CopiedVariables,
    summary: 'Copy what people have set in another environment, secrets included; names that are there already stay as they are',
    run: (ctx, { params, query, body }) => copyVariables(ctx, params.project, body, query),
  }),
  door({
    method: 'get', path: '/projects/{project}/env/first-request', tag: 'Environment', status: 200, returns: FirstRequestView,
    summary: 'Whether an app has called the backend with the key of the variables, as Appwrite notes it',
    run: (ctx, { params }) => getFirstRequest(ctx, params.project),
  }),
  door({
    method: 'post', path: '/projects/{project}/env/export', tag: 'Environment', query: ExportEnv, sends: 'text', status: 200, returns: null,
    summary: 'All variables as a .env file, as JSON or for a compose file, secrets included; the password must have been given within five minutes',
    run: async (ctx, { params, query }) => new Raw(await exportEnv(ctx, params.project, query), { 'content-type': 'text/plain; charset=utf-8', 'content-disposition': `attachment; filename="${exportNames.get(query.format ?? '') ?? '.env'}"` }),
  }),
];
