import { readFile } from 'node:fs/promises';
import { buildClientSchema, buildSchema, isEnumType, isInputObjectType, isObjectType, isScalarType, type GraphQLArgument, type GraphQLInputField, type GraphQLNamedType, type IntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schemaText } from '@/lib/local-cloud/railway/schema.graphql';

const FILE = new URL('../../../../shared/railway/schema.json', import.meta.url);

async function railwaySchema() {
  const parsed: unknown = JSON.parse(await readFile(FILE, 'utf8'));
  return buildClientSchema(toIntrospection(parsed));
}

function toIntrospection(value: unknown): IntrospectionQuery {
  return (typeof value === 'object' && value !== null && 'data' in value ? value.data : value) as IntrospectionQuery;
}

type Real = Awaited<ReturnType<typeof railwaySchema>>;

/** What is ours and not Railway's, and how many things were compared. */
function compare(text: string, real: Real): { wrong: string[]; compared: number } {
  const wrong: string[] = [];
  let compared = 0;
  const same = (what: string, ours: unknown, theirs: unknown): void => {
    compared += 1;
    if (theirs === undefined || String(ours) !== String(theirs)) wrong.push(`${what}: ${String(ours)} is ${String(theirs)} at Railway`);
  };
  const input = (what: string, ours: GraphQLArgument | GraphQLInputField, theirs: GraphQLArgument | GraphQLInputField | undefined): void => {
    same(what, ours.type, theirs?.type);
    same(`${what} default`, JSON.stringify(ours.defaultValue) ?? 'none', JSON.stringify(theirs?.defaultValue) ?? 'none');
  };
  const types = Object.values(buildSchema(text).getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  for (const type of types) compareType(type, real.getType(type.name));
  return { wrong, compared };

  function compareType(ours: GraphQLNamedType, theirs: GraphQLNamedType | undefined): void {
    same(ours.name, ours.constructor.name, theirs?.constructor.name);
    if (isObjectType(ours) && isObjectType(theirs)) {
      const fields = theirs.getFields();
      for (const field of Object.values(ours.getFields())) {
        same(`${ours.name}.${field.name}`, field.type, fields[field.name]?.type);
        for (const argument of field.args) input(`${ours.name}.${field.name}(${argument.name})`, argument, fields[field.name]?.args.find(({ name }) => name === argument.name));
      }
    } else if (isInputObjectType(ours) && isInputObjectType(theirs)) {
      const mine = ours.getFields();
      for (const field of Object.values(mine)) input(`${ours.name}.${field.name}`, field, theirs.getFields()[field.name]);
      for (const field of Object.values(theirs.getFields())) if (String(field.type).endsWith('!') && mine[field.name] === undefined) wrong.push(`${ours.name}.${field.name} must be given at Railway`);
    } else if (isEnumType(ours) && isEnumType(theirs)) same(ours.name, ours.getValues().map(({ name }) => name), theirs.getValues().map(({ name }) => name));
    else if (!isScalarType(ours)) wrong.push(`${ours.name} is something else at Railway`);
  }
}

describe('the schema of the stand-in', () => {
  it('is a part of the schema of Railway', async () => {
    const { wrong, compared } = compare(schemaText, await railwaySchema());
    console.log(`Railway stand-in: ${compared} types, fields, arguments and defaults compared`);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(300);
  });

  it('is told from one that is not', async () => {
    const real = await railwaySchema();
    const changes: Array<[string, string]> = [
      ['me: User!', 'me: User'],
      ['me: User!', 'self: User!'],
      ['skipDeploys: Boolean = false', 'skipDeploys: Boolean = true'],
      ['SLEEPING SUCCESS', 'SUCCESS'],
      ['input EnvironmentCreateInput {', 'input EnvironmentCreateInput { colour: String'],
      ['deployment(id: String!)', 'deployment(id: ID!)'],
      ['  projectId: String!\n  replace', '  replace'],
    ];
    for (const [ours, other] of changes) {
      expect(schemaText).toContain(ours);
      expect(compare(schemaText.replace(ours, other), real).wrong, `${ours} → ${other}`).not.toEqual([]);
    }
  });
});
