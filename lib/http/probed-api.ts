import type { Composition } from '@/lib/composition';
import type { ProbedApi } from '@/lib/trust/proof/api-part';
import { answerProblems, createApi } from './api';
import type { Door } from './door';
import { logStreamPath } from './log-stream';
import { eventsPath, isRequired } from './openapi';
import { cookieName } from './session-cookie';

/** The API in this process, for proofs of isolation: the same doors as the server's, asked without a network between. */
export function probedApi(composition: Composition, doors: readonly Door[], families: readonly string[]): ProbedApi {
  const api = createApi(composition, doors, families);
  answerProblems(api, composition, doors, families);
  const [root = ''] = families;
  return {
    routes: doors.filter(({ method }) => method === 'get').map(({ path, query }) => ({ path, query: Object.entries(query?.shape ?? {}).map(([name, shape]) => ({ name, required: isRequired(name, shape) })) })),
    streams: [eventsPath, logStreamPath.replaceAll(/:(\w+)/g, '{$1}')],
    async ask(path, credential) {
      const response = await api.request(root + path, { headers: headersOf(composition, credential) });
      return { status: response.status, text: await response.text() };
    },
  };
}

function headersOf({ env }: Composition, credential: Parameters<ProbedApi['ask']>[1]): Record<string, string> {
  if (credential === null) return {};
  if ('bearer' in credential) return { authorization: `Bearer ${credential.bearer}` };
  return { cookie: `${cookieName(env.STUDIO_URL)}=${credential.cookie}`, 'sec-fetch-site': 'same-origin' };
}
