import { execute, GraphQLEnumType, NoDeprecatedCustomRule, parse, validate, type DocumentNode } from 'graphql';
import { getVariableValues } from 'graphql/execution/values';
import { describe, expect, it } from 'vitest';
import * as documents from '@/lib/adapters/railway/graphql/documents';
import { deploymentStatuses } from '@/lib/adapters/railway/port';
import { calls, titleOf } from './support/calls';
import { readRailwaySchema } from './support/railway-schema';

const schema = readRailwaySchema();
/** Whatever the module exports, so that nobody has to list a new document here. */
const all = Object.entries<string>(documents).map(([name, text]) => ({ name, text, document: parse(text) }));

function operationOf(document: DocumentNode) {
  const [definition, ...others] = document.definitions;
  if (definition?.kind !== 'OperationDefinition' || others.length > 0) throw new Error('a document holds one operation and nothing else');
  return definition;
}

function problems(text: string): string[] {
  return validate(schema, parse(text)).map(({ message }) => message);
}

function documentOf(operation: string): DocumentNode {
  const found = all.find(({ document }) => operationOf(document).name?.value === operation);
  if (found === undefined) throw new Error(`there is no document for ${operation}`);
  return found.document;
}

const asked = calls.flatMap((call) => call.asks.map((ask) => ({ ...ask, title: `${ask.operation} of ${titleOf(call)}` })));

describe("the documents and Railway's schema", () => {
  it('every document is one that Railway takes', () => {
    for (const { name, text } of all) expect({ name, problems: problems(text) }).toEqual({ name, problems: [] });
    console.info(`railway documents: ${all.length} operations validated against Railway's schema`);
    expect(all.length).toBeGreaterThanOrEqual(25);
  });

  it('a document that is wrong is found', () => {
    expect(problems(documents.projectDocument.replace('deletedAt', 'deletedOn'))).toEqual([expect.stringContaining('"deletedOn"')]);
    expect(problems(documents.domainsDocument.replace('$serviceId: String!', '$serviceId: Int!'))).not.toEqual([]);
    expect(problems(documents.serviceConnectDocument.replace(', input: $input', ''))).not.toEqual([]);
    expect(problems('mutation deploymentTrigger($id: String!) { deploymentTrigger(id: $id) }')).not.toEqual([]);
  });

  it.each(all)('$name holds one operation named like its one field', ({ document }) => {
    const operation = operationOf(document);
    expect(operation.selectionSet.selections).toMatchObject([{ kind: 'Field', name: { value: operation.name?.value }, alias: undefined }]);
  });

  it('none uses what Railway is about to remove', () => {
    for (const { name, document } of all) expect({ name, deprecated: validate(schema, document, [NoDeprecatedCustomRule]) }).toEqual({ name, deprecated: [] });
    expect(validate(schema, parse('{ me { workspace { id } } }'), [NoDeprecatedCustomRule])).toHaveLength(1);
  });

  it.each(asked)('takes the variables of $title', ({ operation, variables }) => {
    const { errors } = getVariableValues(schema, operationOf(documentOf(operation)).variableDefinitions ?? [], variables);
    expect(errors ?? []).toEqual([]);
  });

  it('refuses variables that are wrong', () => {
    const definitions = operationOf(documentOf('environmentCreate')).variableDefinitions ?? [];
    expect(getVariableValues(schema, definitions, { input: { projectId: 'prj-1', name: 'x', skipDeploys: true } }).errors).toHaveLength(1);
    expect(getVariableValues(schema, definitions, {}).errors).toHaveLength(1);
  });

  it.each(asked)('could answer what the test plays for $title', async ({ operation, variables, data }) => {
    const answer = await execute({ schema, document: documentOf(operation), variableValues: variables, rootValue: data });
    // graphql-js makes its objects without a prototype.
    expect(JSON.parse(JSON.stringify(answer))).toEqual({ data });
  });

  it('knows the same states of a deployment as the port', () => {
    const type = schema.getType('DeploymentStatus');
    if (!(type instanceof GraphQLEnumType)) throw new Error('DeploymentStatus is no enumeration');
    expect(type.getValues().map(({ name }) => name).toSorted()).toEqual(deploymentStatuses.toSorted());
  });
});
