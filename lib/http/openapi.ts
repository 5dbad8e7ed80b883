import { z, type ZodObject, type ZodType } from 'zod';
import { errorCodes } from '@/lib/kernel/errors';
import { isKept, type Door } from './door';

const problem = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What happened and what to do.' },
    instance: { type: 'string' },
    code: { type: 'string', enum: Object.keys(errorCodes) },
    request_id: { type: 'string' },
    right: { type: 'string', description: 'The missing right, when the code is forbidden.' },
    errors: {
      type: 'array',
      items: { type: 'object', required: ['pointer', 'detail'], properties: { pointer: { type: 'string', description: 'JSON pointer into the body.' }, detail: { type: 'string' } } },
    },
  },
};

export const eventsPath = '/events';

/** The one route that answers a stream instead of a body. */
const eventsOperation = {
  operationId: 'get_events',
  summary: 'Live events of an organization: `saga` for each step, `project` and `organization` when something changed, `access` when the stream ends',
  tags: ['Projects'],
  security: [{ bearer: [] }, { session: [] }],
  parameters: [
    { name: 'organization_id', in: 'query', required: true, schema: { type: 'string' } },
    { name: 'Last-Event-ID', in: 'header', required: false, description: 'Go on after this event.', schema: { type: 'string' } },
  ],
  responses: { '200': { description: 'Server-sent events.', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
};

/** OpenAPI 3.1 made from the doors themselves: what is not in it does not exist. */
export function openApiDocument(doors: readonly Door[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const definition of doors) {
    const item = (paths[definition.path] ??= {});
    item[definition.method] = operation(definition);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Studio API',
      version: '1',
      description: 'Organizations, projects and their backends. Sign in with a session cookie, an access token of `POST /auth/login`, or an API key, the last two as `Authorization: Bearer`.',
    },
    servers: [{ url: '/api/v1' }],
    tags: [...new Set(doors.map(({ tag }) => tag))].map((name) => ({ name })),
    paths: { ...paths, [eventsPath]: { get: eventsOperation } },
    components: {
      schemas: { Problem: problem },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An access token or an API key (`stu_…`).' },
        session: { type: 'apiKey', in: 'cookie', name: 'studio_session', description: 'Set by signing in; `__Host-studio_session` on https.' },
      },
    },
  };
}

function operation(definition: Door): object {
  const { summary, tag, status, returns, body, open } = definition;
  return {
    operationId: `${definition.method}_${definition.path.replaceAll(/[^a-z]+/g, '_').replaceAll(/^_|_$/g, '')}`,
    summary,
    tags: [tag],
    security: open === true ? [] : [{ bearer: [] }, { session: [] }],
    parameters: [...pathParameters(definition), ...queryParameters(definition), ...idempotencyParameter(definition)],
    ...(body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } } }),
    responses: {
      [String(status)]: { description: summary, ...(returns === null ? {} : { content: { 'application/json': { schema: jsonSchema(returns, 'output') } } }) },
      default: { description: 'A refusal or failure.', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    },
  };
}

function pathParameters({ path }: Door): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameters({ query }: Door): object[] {
  if (query === undefined) return [];
  return Object.entries(query.shape).map(([name, shape]) => ({
    name,
    in: 'query',
    required: isRequired(name, shape),
    schema: jsonSchema(z.object({ [name]: shape }), 'input', name),
  }));
}

/** Whether a query without this field is refused. */
export function isRequired(name: string, shape: ZodObject['shape'][string]): boolean {
  return !z.safeParse(z.object({ [name]: shape }), {}).success;
}

function idempotencyParameter(definition: Door): object[] {
  if (!isKept(definition)) return [];
  return [{ name: 'Idempotency-Key', in: 'header', required: false, description: 'Sending the same key again answers the first answer instead of acting twice; kept for 24 hours.', schema: { type: 'string', maxLength: 255 } }];
}

function jsonSchema(schema: unknown, io: 'input' | 'output', property?: string): object {
  const { $schema: _, ...document } = z.toJSONSchema(asSchema(schema), { io, unrepresentable: 'any', target: 'draft-2020-12' });
  if (property === undefined) return document;
  const inner = document.properties?.[property];
  return typeof inner === 'object' ? inner : {};
}

function asSchema(schema: unknown): ZodType {
  return schema as ZodType;
}
