import { z } from 'zod';
import { openApiDocument } from '@/lib/http/openapi';
import type { Door } from '@/lib/http/door';

/** The part of a JSON schema that a body is made from. */
export interface Schema {
  type?: string | string[] | undefined;
  const?: unknown;
  enum?: unknown[] | undefined;
  minimum?: number | undefined;
  minItems?: number | undefined;
  items?: Schema | undefined;
  anyOf?: Schema[] | undefined;
  properties?: Record<string, Schema> | undefined;
  required?: string[] | undefined;
}

export interface Operation {
  /** `GET /projects/{project}`. */
  name: string;
  method: string;
  path: string;
  /** Says of itself that a guest may ask. */
  open: boolean;
  inPath: string[];
  query: { name: string; required: boolean; schema: Schema }[];
  body: Schema | null;
  /** The status of success. */
  success: number;
}

const Schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    minimum: z.number().optional(),
    minItems: z.number().optional(),
    items: Schema.optional(),
    anyOf: z.array(Schema).optional(),
    properties: z.record(z.string(), Schema).optional(),
    required: z.array(z.string()).optional(),
  }),
);

const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        security: z.array(z.unknown()),
        parameters: z.array(z.object({ name: z.string(), in: z.string(), required: z.boolean(), schema: Schema })),
        requestBody: z.object({ content: z.record(z.string(), z.object({ schema: Schema })) }).optional(),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
});

/** Every route that the reference describes, and so every one that a program can know of. */
export function operationsOf(doors: readonly Door[]): Operation[] {
  const { paths } = Document.parse(openApiDocument(doors));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, parameters, requestBody, responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      open: security.length === 0,
      inPath: parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
      query: parameters.filter((parameter) => parameter.in === 'query'),
      body: requestBody?.content['application/json']?.schema ?? null,
      success: Number(Object.keys(responses).find((status) => status.startsWith('2'))),
    })),
  );
}

/** A route that is mounted beside the doors, as `/projects/:project/…`. */
export function operationAt(method: string, route: string): Operation {
  const path = route.replaceAll(/:(\w+)/g, '{$1}');
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return { name: `${method} ${path}`, method, path, open: false, inPath, query: [], body: null, success: 200 };
}
