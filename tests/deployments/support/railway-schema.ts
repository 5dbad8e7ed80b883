import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildClientSchema, type GraphQLSchema, type IntrospectionQuery } from 'graphql';

const FILE = fileURLToPath(new URL('../../../../shared/railway/schema.json', import.meta.url));

/** Railway's public schema as its introspection tells it. */
export function readRailwaySchema(): GraphQLSchema {
  if (!existsSync(FILE)) throw new Error(`Railway's schema is not there: expected it in ${path.relative(process.cwd(), FILE)}.`);
  return buildClientSchema(asIntrospection(JSON.parse(readFileSync(FILE, 'utf8'))));
}

/** `buildClientSchema` checks the shape itself and says what is wrong with it. */
function asIntrospection(file: unknown): IntrospectionQuery {
  return (file as { data: IntrospectionQuery }).data;
}
