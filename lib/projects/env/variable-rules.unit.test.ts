import { describe, expect, it } from 'vitest';
import { generatedNames, keyVariable, openVariables } from './manifest';
import { isPublicName, valueProblem } from './variable-rules';

const key = `standard_${'a1'.repeat(64)}`;
const problemOf = (value: string, name = 'NEXT_PUBLIC_X') => valueProblem({ name, value, secret: false });

describe('what the backend gives to browsers', () => {
  it('is the address and the project, and never the key', () => {
    expect(generatedNames.filter(isPublicName)).toEqual(['NEXT_PUBLIC_APPWRITE_ENDPOINT', 'NEXT_PUBLIC_APPWRITE_PROJECT_ID']);
    expect(openVariables({ endpoint: 'https://a.test/v1', appwriteProjectId: 'p' }).filter(({ name }) => isPublicName(name))).toEqual([
      { name: 'NEXT_PUBLIC_APPWRITE_ENDPOINT', secret: false, value: 'https://a.test/v1' },
      { name: 'NEXT_PUBLIC_APPWRITE_PROJECT_ID', secret: false, value: 'p' },
    ]);
    expect(isPublicName(keyVariable)).toBe(false);
  });
});

describe('a public variable', () => {
  it.each([
    ['the key itself', key],
    ['the key within more', `https://a.test/?key=${key}&x=1`],
  ])('is refused with %s, and told what to do', (_what, value) => {
    expect(problemOf(value)).toBe('NEXT_PUBLIC_X goes to browsers, and its value is a key for servers. Choose another name.');
    expect(problemOf(value, 'SERVER_ONLY')).toBeNull();
  });

  it.each([
    ['as Railway fills it in', '${{APPWRITE_API_KEY}}', '${{APPWRITE_API_KEY}}'],
    ['with spaces, in the middle', 'a ${{ APPWRITE_API_KEY }} b', '${{ APPWRITE_API_KEY }}'],
    ['of another service', '${{web.APPWRITE_API_KEY}}', '${{web.APPWRITE_API_KEY}}'],
    ['of a database', '${{Postgres.DATABASE_URL}}', '${{Postgres.DATABASE_URL}}'],
    ['behind one that may be', '${{RAILWAY_PUBLIC_DOMAIN}}${{shared.token}}', '${{shared.token}}'],
    ['as Next fills a .env in', '$APPWRITE_API_KEY', '$APPWRITE_API_KEY'],
    ['in braces', 'x${APPWRITE_API_KEY}', '${APPWRITE_API_KEY}'],
    ['in braces with a default', '${SECRET:-none}', '${SECRET}'],
    ['as the default of one that may be', '${NEXT_PUBLIC_A:-${SECRET}}', '${SECRET}'],
    ['in a brace that nobody closes', '${APPWRITE_API_KEY', '${APPWRITE_API_KEY}'],
    ['within another reference', '${{ shared.${{SECRET}} }}', '${{SECRET}}'],
    ['that is long', `\${{${'A'.repeat(60)}}}`, `\${{${'A'.repeat(37)}…`],
  ])('is refused when it takes a server\'s variable in, %s', (_what, value, shown) => {
    expect(problemOf(value)).toBe(`NEXT_PUBLIC_X goes to browsers, and its value takes in ${shown}, which stays on servers. Choose another name, or write the value out.`);
    expect(problemOf(value, 'SERVER_ONLY')).toBeNull();
  });

  it.each([
    'https://${{RAILWAY_PUBLIC_DOMAIN}}/a',
    '${{web.RAILWAY_PUBLIC_DOMAIN}}',
    '${{NEXT_PUBLIC_OTHER}}',
    '${{APPWRITE_ENDPOINT}} ${APPWRITE_PROJECT_ID} $NEXT_PUBLIC_APPWRITE_ENDPOINT',
    String.raw`\$APPWRITE_API_KEY \${SECRET}`,
    'from $5, or $USD 5, ${} {{name}} APPWRITE_API_KEY',
    `standard_${'g'.repeat(32)}`,
  ])('may hold %s', (value) => {
    expect(problemOf(value)).toBeNull();
  });

  it('is looked through at once, however many references begin in it', () => {
    const startedMs = performance.now();
    expect(problemOf('${{'.repeat(10_000))).toBeNull();
    expect(performance.now() - startedMs).toBeLessThan(100);
  });
});
