import { differences, replaceIds } from './compare';
import type { Step } from './plan';
import type { Exchange } from './recordings';
import type { Answer, World } from './world';

const SESSION = '<session: base64 of {id,secret}>';
/** Headers that the client library or the network adds by itself. */
const NOT_SENT = new Set(['host', 'connection', 'content-length', 'accept-encoding', 'accept-language', 'sec-fetch-mode']);
const COMPARED_HEADERS = ['content-type', 'content-disposition', 'content-range', 'content-security-policy', 'x-ratelimit-limit', 'x-appwrite-warning'];
const HANG_DEADLINE_MS = 150;

/** Sends a recorded request with this run's secrets and ids and says how the answer differs from the recorded one. */
export async function replay(world: World, exchange: Exchange, step: Step): Promise<string[]> {
  await step.before?.(world);
  const expectsNothing = exchange.response.status === undefined;
  const fault = step.fault === undefined ? undefined : world.faults.add({ path: exchange.request.path.split('?')[0] ?? '/', effect: step.fault });
  const answer = await perform(world, exchange, step, expectsNothing ? HANG_DEADLINE_MS : undefined);
  if (fault !== undefined) world.faults.remove(fault);
  const wrong = check(world, exchange, step, answer);
  keep(world, exchange, step, answer);
  await step.after?.(world);
  return wrong;
}

async function perform(world: World, exchange: Exchange, step: Step, deadlineMs: number | undefined): Promise<Answer> {
  const { method, headers } = exchange.request;
  const path = replaceIds(exchange.request.path, world.ids).replace('token=<jwt>', `token=${world.fileToken}`);
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!NOT_SENT.has(name.toLowerCase())) sent[name.toLowerCase()] = fill(world, exchange, step, name.toLowerCase(), value);
  }
  const body = step.form?.() ?? bodyOf(world, exchange);
  if (body instanceof FormData) delete sent['content-type'];
  const send = (): Promise<Answer> => world.send(method, path, sent, body, deadlineMs);
  let answer = await send();
  // A column becomes available in its own time: ask again, as whoever recorded it did.
  for (let tries = 0; step.until !== undefined && !answer.text.includes(step.until) && tries < 50; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer = await send();
  }
  return answer;
}

function bodyOf(world: World, exchange: Exchange): string | undefined {
  const { body, method } = exchange.request;
  if (body === undefined || body === null || method === 'GET') return undefined;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return replaceIds(text, world.ids).replaceAll('<password>', 'console-password');
}

/** Puts a secret of this run where the recording has a placeholder. */
function fill(world: World, exchange: Exchange, step: Step, name: string, value: string): string {
  const project = step.project ?? projectOf(exchange);
  const who = step.as ?? (project === 'console' ? 'root' : 'user1');
  if (name === 'x-appwrite-jwt') return value === '<jwt>' ? world.jwts.get(step.jwt ?? who) ?? '' : value;
  if (name === 'x-appwrite-key') return value === 'standard_<256 hex>' ? world.keys.get(step.key ?? project) ?? '' : value;
  return replaceIds(value, world.ids).replace('(empty)', '').replaceAll(SESSION, world.sessions.get(who) ?? '');
}

function projectOf({ request }: Exchange): string {
  const entry = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'x-appwrite-project');
  const admin = Object.entries(request.headers).some(([name, value]) => name.toLowerCase() === 'x-appwrite-mode' && value === 'admin');
  const session = Object.entries(request.headers).some(([name]) => name.toLowerCase() === 'x-appwrite-session');
  return entry === undefined || (admin && session) || entry[1] === '' ? 'console' : entry[1];
}

function check(world: World, exchange: Exchange, step: Step, answer: Answer): string[] {
  const { status, headers, body, bodyBase64 } = exchange.response;
  if (status === undefined) return answer.status === undefined ? [] : [`an answer ${answer.status} where the real server was silent`];
  if (answer.status !== status) return [`status ${status} ≠ ${answer.status}: ${answer.text.slice(0, 300)}`];
  const wrong = COMPARED_HEADERS.flatMap((name) => {
    const recorded = headers?.[name];
    const actual = answer.headers.get(name);
    if (typeof recorded !== 'string' || recorded.toLowerCase() === actual?.toLowerCase()) return [];
    return [`header ${name}: ${recorded} ≠ ${actual}`];
  });
  wrong.push(...cookieDifferences(headers?.['set-cookie'], answer));
  if (bodyBase64 !== undefined) {
    const recorded = Buffer.from(bodyBase64, 'base64').toString('utf8');
    return isJson(recorded) ? [...wrong, ...differences(JSON.parse(recorded), answer.json, { ids: world.ids })] : [...wrong, ...differences(recorded, answer.text, { ids: world.ids })];
  }
  if (typeof body === 'string') {
    if (body.startsWith('<!DOCTYPE')) return answer.text.includes('general_route_not_found') ? wrong : [...wrong, 'not the page of the unknown route'];
    return body === answer.text ? wrong : [...wrong, `body ${JSON.stringify(body.slice(0, 80))} ≠ ${JSON.stringify(answer.text.slice(0, 80))}`];
  }
  return [...wrong, ...differences(body, answer.json, {
    ids: world.ids, ...(step.ignore === undefined ? {} : { ignore: step.ignore }), ...(step.shapeOnly === undefined ? {} : { shapeOnly: step.shapeOnly }),
  })];
}

function isJson(text: string): boolean {
  return text.startsWith('{') || text.startsWith('[');
}

/** Names, order and flags of cookies; values and dates are this run's. */
function cookieDifferences(recorded: string | string[] | undefined, answer: Answer): string[] {
  const shape = (cookie: string): string => cookie.replace(/=[^;]*/, '=').replace(/expires=[^;]*/, 'expires=');
  const expected = (typeof recorded === 'string' ? [recorded] : recorded ?? []).map(shape);
  const actual = answer.headers.getSetCookie().map(shape);
  return expected.join('\n') === actual.join('\n') ? [] : [`set-cookie: ${expected.join(' | ')} ≠ ${actual.join(' | ')}`];
}

/** Remembers what later requests need. */
function keep(world: World, exchange: Exchange, step: Step, answer: Answer): void {
  if (step.opens !== undefined) world.keepSession(step.opens, answer);
  const body: { jwt?: unknown; secret?: unknown } = typeof answer.json === 'object' && answer.json !== null ? answer.json : {};
  if (step.savesJwt !== undefined && typeof body.jwt === 'string') world.jwts.set(step.savesJwt, body.jwt);
  if (step.savesKey !== undefined && typeof body.secret === 'string') world.keys.set(step.savesKey, body.secret);
  if (exchange.request.path.startsWith('/v1/tokens/') && typeof body.secret === 'string') world.fileToken = body.secret;
}
