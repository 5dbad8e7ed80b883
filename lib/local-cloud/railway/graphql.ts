// Named by its file: graphql-ws takes schemas and errors of this copy alone, where a bundler might choose another one.
import { buildSchema, execute, GraphQLError, Kind, OperationTypeNode, parse, validate, type DocumentNode, type FragmentDefinitionNode, type OperationDefinitionNode, type SelectionSetNode } from 'graphql/index.js';
import { z } from 'zod';
import type { Call } from './call';
import { ApiError } from './errors';
import { mutations } from './mutations';
import { queries } from './queries';
import { schemaText } from './schema.graphql';

export const schema = buildSchema(schemaText);
const MAX_TOKENS = 10_000;
/** Above what introspection needs. */
const MAX_DEPTH = 20;

const request = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).nullish(), operationName: z.string().nullish() });

export interface Operation {
  document: DocumentNode;
  variables: Record<string, unknown>;
  name: string | undefined;
  /** The fields that are asked of Query or Mutation. */
  fields: string[];
}

export interface Answer {
  status: 200 | 400;
  body: { data?: unknown; errors?: Array<{ message: string; path?: unknown; extensions: { code: string } }> };
}

/** A request that is not GraphQL of our schema, with the answer to give. */
export class BadRequest extends Error {
  readonly answer: Answer;

  constructor(code: string, messages: readonly string[]) {
    super(code);
    this.answer = { status: 400, body: { errors: messages.map((message) => ({ message, extensions: { code } })) } };
  }
}

export function readOperation(text: string): Operation {
  return readRequest(parseJson(text), false);
}

/** @param live whether a subscription is meant; here it is that or anything else, never either */
export function readRequest(text: unknown, live: boolean): Operation {
  const input = request.safeParse(text);
  if (!input.success) throw new BadRequest('BAD_REQUEST', ['POST body missing, invalid Content-Type, or JSON object has no keys.']);
  const document = parseDocument(input.data.query);
  const errors = validate(schema, document);
  if (errors.length > 0) throw new BadRequest('GRAPHQL_VALIDATION_FAILED', errors.map(({ message }) => message));
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const name = input.data.operationName ?? undefined;
  const operation = operations.find((candidate) => name === undefined || candidate.name?.value === name);
  if (operation === undefined || (name === undefined && operations.length > 1)) throw new BadRequest('OPERATION_RESOLUTION_FAILURE', ['The operation to execute is not named.']);
  if ((operation.operation === OperationTypeNode.SUBSCRIPTION) !== live) throw new BadRequest('BAD_REQUEST', [live ? 'Only subscriptions are answered here.' : 'Subscriptions are answered by WebSocket.']);
  const shape = measure(document, operation);
  if (shape.depth > MAX_DEPTH) throw new BadRequest('GRAPHQL_VALIDATION_FAILED', [`A query may be ${MAX_DEPTH} levels deep.`]);
  return { document, variables: input.data.variables ?? {}, name, fields: shape.fields };
}

/** Errors of resolvers keep Railway's code for them; what is not meant for callers goes to `log` alone. */
export async function run({ document, variables, name }: Operation, call: Call, log: (line: string) => void): Promise<Answer> {
  const result = await execute({ schema, document, rootValue: { ...queries, ...mutations }, contextValue: call, variableValues: variables, operationName: name });
  if (result.errors === undefined) return { status: 200, body: { data: result.data } };
  // Without data nothing ran: the variables do not fit their types.
  if (result.data === undefined) return new BadRequest('BAD_USER_INPUT', result.errors.map(({ message }) => message)).answer;
  return { status: 200, body: { errors: result.errors.map((error) => explain(error, log)), data: result.data } };
}

export function explain(error: GraphQLError, log: (line: string) => void): { message: string; path: unknown; extensions: { code: string } } {
  const known = error.originalError instanceof ApiError;
  if (!known) log(`Railway stand-in: ${error.path?.join('.') ?? 'query'}: ${error.message}`);
  return { message: known ? error.message : 'Problem processing request', path: error.path, extensions: { code: 'INTERNAL_SERVER_ERROR' } };
}

function parseDocument(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch (error) {
    throw new BadRequest('GRAPHQL_PARSE_FAILED', [error instanceof GraphQLError ? error.message : 'The query cannot be read.']);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Each fragment is measured once: fragments that name each other many times cost no more. */
function measure(document: DocumentNode, operation: OperationDefinitionNode): { depth: number; fields: string[] } {
  const fragments = new Map(document.definitions.flatMap((definition): Array<[string, FragmentDefinitionNode]> => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [])));
  const measured = new Map<string, number>();
  const fields = new Set<string>();
  const depthOf = (set: SelectionSetNode | undefined, isRoot: boolean): number => {
    let deepest = 0;
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        if (isRoot) fields.add(selection.name.value);
        deepest = Math.max(deepest, 1 + depthOf(selection.selectionSet, false));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) deepest = Math.max(deepest, depthOf(selection.selectionSet, isRoot));
      else {
        const name = selection.name.value;
        const known = isRoot ? undefined : measured.get(name);
        const depth = known ?? depthOf(fragments.get(name)?.selectionSet, isRoot);
        measured.set(name, depth);
        deepest = Math.max(deepest, depth);
      }
    }
    return deepest;
  };
  const depth = depthOf(operation.selectionSet, true);
  return { depth, fields: [...fields] };
}
