import fc from 'fast-check';
import { z } from 'zod';
import { doors, families } from '@/app/api/_routes/doors';
import type { Door } from '@/lib/http/door';
import { openApiDocument } from '@/lib/http/openapi';
import { bodyText, fits, nastyTexts, type Schema } from './from-schema';
import { addressOf } from './routes';

/** What the document says of one operation, as far as a caller needs it. */
export interface Operation {
  method: string;
  path: string;
  query: { name: string; required: boolean; schema: Schema }[];
  body: Schema | undefined;
}

const asSchema = z.custom<Schema>((value) => typeof value === 'object' && value !== null);
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({
    parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']), required: z.boolean().default(false), schema: asSchema })),
    requestBody: z.object({ content: z.object({ 'application/json': z.object({ schema: asSchema }) }) }).optional(),
  }))),
});

/** Every operation of the OpenAPI document, as anybody reads it. */
export function operations(): Operation[] {
  const { paths } = Document.parse(JSON.parse(JSON.stringify(openApiDocument(doors))));
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      query: parameters.filter((each) => each.in === 'query'),
      body: requestBody?.content['application/json'].schema,
    })),
  );
}

/** The method as doors write it. */
export function asMethod(method: string): Door['method'] {
  return method.toLowerCase() as Door['method'];
}

export interface FuzzedRequest {
  method: string;
  address: string;
  headers: Record<string, string>;
  body: string | undefined;
}

const encoded = nastyTexts.filter((text) => text.length < 2_000).map((text) => encodeURIComponent(wellFormed(text)));
/** A lone half of a character cannot be put into an address. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Segments that are written as no client would write them. */
const rawSegments = ['%2e%2e', '%2E%2E%2f', '..%2f..%2fv1', '%00', '%2f', '%5c', '%252f', '%c0%af', '%ff', '%', '%zz', '.', '..', ';a=b', 'a%20b', '*', '(x)', '%F0%9F%98%80', 'x'.repeat(5_000), ':id', '{id}', '$%7Bx%7D'];

function segment(real: string | undefined): fc.Arbitrary<string> {
  const strange = fc.oneof(fc.constantFrom(...encoded.filter((text) => text !== '')), fc.constantFrom(...rawSegments), fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).map(encodeURIComponent));
  return real === undefined ? strange : fc.oneof({ weight: 6, arbitrary: fc.constant(real) }, { weight: 1, arbitrary: fc.constant(`${real.slice(0, -1)}0`) }, { weight: 2, arbitrary: strange });
}

function addressFor({ path, query }: Operation, ids: Readonly<Record<string, string>>): fc.Arbitrary<string> {
  const filled = path.split('/').map((part) => (part.startsWith('{') ? segment(ids[part.slice(1, -1)]) : fc.constant(part)));
  const search = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(...query.map(({ name, schema }) => part(name, schema, ids))).map((parts) => parts.filter((each) => each !== null).join('&')) },
    { weight: 1, arbitrary: fc.constantFrom('', '&&&', '=', 'a', 'a=%', 'limit=%00', 'limit=1&limit=2', 'limit[]=1', 'cursor=%ff%fe', '__proto__=x', `q=${'x'.repeat(3_000)}`, 'cursor=bnVsbA', `cursor=${Buffer.from('["x"]').toString('base64url')}`, `cursor=${Buffer.from('{"__proto__":1}').toString('base64url')}`) },
  );
  return fc.tuple(fc.constantFrom(...families), fc.tuple(...filled), search).map(([family, parts, text]) => `${family}${parts.join('/')}${text === '' ? '' : `?${text}`}`);
}

/** One parameter, left out now and then. */
function part(name: string, schema: Schema, ids: Readonly<Record<string, string>>): fc.Arbitrary<string | null> {
  const real = name === 'organization_id' ? [fc.constant(ids['organization'] ?? '')] : [];
  const value = fc.oneof(...real, fits(schema).map(String), fc.constantFrom(...nastyTexts.filter((text) => text.length < 3_000)), fc.integer().map(String));
  return fc.option(value.map((text) => `${name}=${encodeURIComponent(wellFormed(text))}`), { freq: 3 });
}

const contentTypes = ['application/json; charset=utf-16', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json-patch+json', '', 'application/json,text/html', 'APPLICATION/JSON', 'application/json;'];
const headersOf: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom(...contentTypes).map((type) => ({ 'content-type': type })) },
  { weight: 1, arbitrary: fc.constantFrom('gzip', 'br', 'deflate, gzip', 'identity', 'nonsense').map((coding) => ({ 'content-encoding': coding })) },
  { weight: 1, arbitrary: fc.constantFrom('"a"', 'a b', '', 'x'.repeat(300), 'é', '"', '\u007f').map((key) => ({ 'idempotency-key': key })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { 'user-agent': '\u00ff'.repeat(1_000) }, { 'accept-language': 'x'.repeat(2_000) }, { 'if-none-match': '*'.repeat(2_000) }, { 'last-event-id': '99999999999999999999' }, { 'last-event-id': 'x' }, { accept: 'text/html' },
      { range: 'bytes=0-1' }, { 'x-forwarded-for': '::1%lo, x' }, { 'x-forwarded-host': 'evil.example' }, { expect: '200-ok' }, { te: 'trailers' }, { 'x-request-id': `' or 1=1` }, { cookie: `studio_registration=${'x'.repeat(1_000)}` },
    ),
  },
);

/** What an operation is asked with when nothing is wrong: things that are there, and a body that it can act on. */
export interface Fitted {
  ids: Readonly<Record<string, string>>;
  body: object | undefined;
}

/** Requests for one operation: mostly well addressed, so that what is inside gets to see what is broken. */
export function requestsFor(operation: Operation, fitted: Fitted): fc.Arbitrary<FuzzedRequest> {
  const unasked = fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('{}', 'x', '{"a":1}', '[]') });
  const body: fc.Arbitrary<string | undefined> = operation.method === 'GET' ? fc.constant(undefined) : operation.body === undefined ? unasked : bodyText(operation.body, fitted.body);
  return fc.record({ address: addressFor(operation, fitted.ids), headers: headersOf, body }).map((drawn) => requestOf(operation, drawn));
}

/** The one request in which nothing is wrong. */
export function plainRequest(operation: Operation, { ids, body }: Fitted): FuzzedRequest {
  // Whoever belongs to several organizations has to name one.
  const values = operation.query.filter(({ name, required }) => required || name === 'organization_id').map(({ name }) => `${name}=${name === 'organization_id' ? ids['organization'] : 'main'}`);
  const address = addressOf({ path: `${families[0]}${operation.path}` }, ids) + (values.length === 0 ? '' : `?${values.join('&')}`);
  return requestOf(operation, { address, headers: {}, body: body === undefined ? undefined : JSON.stringify(body) });
}

function requestOf({ method }: Operation, { address, headers, body }: Omit<FuzzedRequest, 'method'>): FuzzedRequest {
  return { method, address, headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers }, body };
}
