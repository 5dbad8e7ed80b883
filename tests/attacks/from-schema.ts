import fc from 'fast-check';

/** As much of JSON Schema as the OpenAPI document of the doors uses. */
export interface Schema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

/** Values that the schema takes, as far as it tells; what refinements add is met by chance or not at all. */
export function fits(schema: Schema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(fits));
  if (schema.allOf?.[0] !== undefined) return fits(schema.allOf[0]);
  switch (schema.type) {
    case 'string':
      return text(schema);
    case 'integer':
    case 'number':
      return fc.integer({ min: Math.max(schema.minimum ?? -(2 ** 31), Number.MIN_SAFE_INTEGER), max: Math.min(schema.maximum ?? 2 ** 31, Number.MAX_SAFE_INTEGER) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(fits(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: Math.min(schema.maxItems ?? 4, 4) });
    case 'object':
      return fc.record(Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, fits(part)])), { requiredKeys: schema.required ?? [] });
    default:
      return fc.jsonValue();
  }
}

function text({ pattern, format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (format === 'email') return fc.emailAddress();
  if (format === 'date-time') return fc.oneof(fc.date({ noInvalidDate: true }).map((date) => date.toISOString()), fc.constantFrom(...strangeTimes));
  if (format === 'date') return fc.constantFrom('2030-01-31', '0000-01-01', '9999-12-31');
  if (pattern !== undefined) return matching(pattern);
  const most = Math.max(minLength, Math.min(maxLength, 60));
  return fc.oneof(fc.string({ unit: 'grapheme', minLength, maxLength: most }), fc.string({ minLength, maxLength: most }));
}

/** What looks ahead cannot be drawn from; it is left out and held against the drawn text. */
function matching(pattern: string): fc.Arbitrary<string> {
  const whole = new RegExp(pattern);
  return fc.stringMatching(new RegExp(pattern.replaceAll(/\(\?[!=][^()]*\)/g, ''))).filter((drawn) => whole.test(drawn));
}

/** Times that a schema takes and a database may not. */
export const strangeTimes = ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59-14:00', '2024-02-29T23:59:59.999999999Z', '1969-12-31T23:59:59Z', '2030-01-31T12:00:00+23:59', '2030-01-31T12:00:00-16:00'];

/** Where a schema takes a time: pointers into the body, or `` for the value itself. */
export function timesIn({ format, anyOf = [], oneOf = [], properties = {} }: Schema, path: readonly string[] = []): (readonly string[])[] {
  const own = format === 'date-time' ? [path] : [];
  const inside = Object.entries(properties).flatMap(([name, part]) => timesIn(part, [...path, name]));
  return [...new Map([...own, ...[...anyOf, ...oneOf].flatMap((part) => timesIn(part, path)), ...inside].map((each) => [each.join('/'), each])).values()];
}

/** Text that something on its way could trip over. */
export const nastyTexts: readonly string[] = [
  '', ' ', '\0', 'a\0b', '\u0001\u001f\u007f\u0085', '\u202eabc\u202c', '\u2066x\u2069', '\ufeff', '\ufffe\uffff', '\ud800', '\udc00x', 'e\u0301'.repeat(100), '\u200b\u200d', '𝒳😀👨‍👩‍👧‍👦', 'İıſK', 'ÅÅ',
  'x'.repeat(100_000), 'é'.repeat(50_000), '\u0000'.repeat(1_000), '('.repeat(5_000), '../../../etc/passwd', '..%2f..%2f', '%00', '%', '%zz', `' or 1=1 --`, `"; drop table x; --`, '${7*7}', '{{7*7}}', '<script>alert(1)</script>',
  '\r\nset-cookie: a=b', '__proto__', 'constructor', 'null', 'undefined', 'NaN', 'true', '[]', '{}', '-1', '0', '1e309', '9223372036854775808', '0x10', '1_000', '٣', 'org_', 'prj_00000000000000000000000000', 'prj_ZZZZZZZZZZZZZZZZZZZZZZZZZZ',
  '00000000-0000-0000-0000-000000000000', '2030-13-45T99:99:99Z', '0000-00-00', 'infinity', '-infinity', 'epoch', 'now', '\\', '\\u0000', '\'', '"', '`', '\n', '\t', 'a@b', '@', '*.', '.', '..', '%_%', '\\%',
];

/** Values of other types and sizes than anything asks for. */
export const nasty: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...nastyTexts) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, -(2 ** 53), 2 ** 63, 1e308, 1e-308, [], {}, [[]], [null], { length: 5 }, { toString: 1 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2_000 }).map((count) => Array.from({ length: count }, () => 'x')) },
);

/** Deeper than a parser that calls itself likes it. */
function nested(depth: number): string {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}

/** A value of the schema with one part of it broken, or the whole of it. */
function broken(schema: Schema): fc.Arbitrary<unknown> {
  const names = Object.keys(schema.properties ?? {});
  if (names.length === 0) return nasty;
  const one = fc.tuple(fits(schema), fc.constantFrom(...names), nasty).map(([value, name, bad]) => ({ ...asObject(value), [name]: bad }));
  const inside = fc.constantFrom(...names).chain((name) => fc.tuple(fits(schema), broken(schema.properties?.[name] ?? {})).map(([value, bad]) => ({ ...asObject(value), [name]: bad })));
  const missing = fc.tuple(fits(schema), fc.constantFrom(...names)).map(([value, name]) => Object.fromEntries(Object.entries(asObject(value)).filter(([each]) => each !== name)));
  return fc.oneof({ weight: 5, arbitrary: one }, { weight: 3, arbitrary: inside }, { weight: 1, arbitrary: missing }, { weight: 1, arbitrary: nasty });
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

/** A body as it goes over the wire: `fitted` and other things that fit, what is nearly right, and what is no JSON at all. */
export function bodyText(schema: Schema, fitted: object = {}): fc.Arbitrary<string> {
  const json = (value: unknown): string => JSON.stringify(value) ?? '';
  const twice = fc.tuple(fits(schema), broken(schema)).map(([first, second]) => json(first).replace(/\}$/, `,${json(second).slice(1)}`));
  const oneWrong = fc.tuple(fc.constantFrom(...Object.keys(fitted), 'another'), nasty).map(([name, bad]) => json({ ...fitted, [name]: bad }));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(json(fitted)) },
    { weight: 3, arbitrary: oneWrong },
    { weight: 6, arbitrary: fits(schema).map(json) },
    { weight: 10, arbitrary: broken(schema).map(json) },
    { weight: 1, arbitrary: twice },
    { weight: 1, arbitrary: fits(schema).map((value) => json([value])) },
    { weight: 1, arbitrary: fits(schema).map((value) => json(value).slice(0, -1)) },
    { weight: 1, arbitrary: fc.constantFrom(nested(10_000), `{"a":${nested(50_000)}}`, '{"a":'.repeat(20_000), '', ' ', 'null', '"', '{', '{]', "{'a':1}", '{"a":1,}', '{"a":NaN}', '{"a":1e999}', '\ufeff{}', '[1,2', 'true', `{"${'k'.repeat(100_000)}":1}`, '{"a":"\\ud800"}', '{"\\u0000":1}', `{${Array.from({ length: 5_000 }, (_, n) => `"k${n}":${n}`).join(',')}}`) },
  );
}
