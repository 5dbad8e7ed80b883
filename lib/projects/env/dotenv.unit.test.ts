import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotenvLine, parseDotenv } from './dotenv';

const values = (text: string) => Object.fromEntries(parseDotenv(text).assignments.map(({ name, value }) => [name, value]));

describe('a .env text', () => {
  it.each([
    ['plain', 'A=1\nB=two words\n', { A: '1', B: 'two words' }],
    ['comments and empty lines', '# one\n\nA=1 # two\n# three\nB="x # y" # z\n', { A: '1', B: 'x # y' }],
    ['export and spaces', 'export A = 1\n B=2', { A: '1', B: '2' }],
    ['the three quotes', `A='it "is"'\nB="it's"\nC=\`"it's"\``, { A: 'it "is"', B: `it's`, C: `"it's"` }],
    ['several lines', 'KEY="-----BEGIN-----\nabc\n-----END-----"\nNEXT=1', { KEY: '-----BEGIN-----\nabc\n-----END-----', NEXT: '1' }],
    ['line feeds written out, in double quotes only', String.raw`A="a\nb"` + '\n' + String.raw`B='a\nb'`, { A: 'a\nb', B: String.raw`a\nb` }],
    ['the line ends of Windows and a byte order mark', '\uFEFFA=1\r\nB="x\r\ny"\r\n', { A: '1', B: 'x\ny' }],
    ['an empty value', 'A=\nB=""', { A: '', B: '' }],
    ['equal signs in a value', 'URL=postgres://u:p@h/db?a=b', { URL: 'postgres://u:p@h/db?a=b' }],
    ['the last of two', 'A=1\nA=2', { A: '2' }],
  ])('is read with %s', (_what, text, expected) => {
    expect(values(text)).toEqual(expected);
    expect(parseDotenv(text).problems).toEqual([]);
    // The same reader that `node --env-file` has.
    expect(parseEnv(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'))).toEqual(expected);
  });

  it.each([
    ['a line that assigns nothing', 'A=1\nnonsense\nB=2', [{ line: 2, detail: 'Write NAME=value.' }], { A: '1', B: '2' }],
    ['a quote that never ends', 'A=1\n\nB="open\nC=3', [{ line: 3, detail: 'The value of B begins with " and never ends.' }], { A: '1', C: '3' }],
    ['more behind a closing quote', `A="x"y\nB='multi\nline' z\nC=3`, [
      { line: 1, detail: 'After the closing quote of A only a comment may follow.' },
      { line: 2, detail: 'After the closing quote of B only a comment may follow.' },
    ], { C: '3' }],
  ])('tells the line of %s', (_what, text, problems, expected) => {
    expect(parseDotenv(text).problems).toEqual(problems);
    expect(values(text)).toEqual(expected);
  });

  it('takes lines that are pushed in with spaces or tabs', () => {
    expect(parseDotenv('\tA=1\n  # two\n  B=2')).toMatchObject({ assignments: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }], problems: [] });
  });

  it('says where an assignment stands, behind values of several lines too', () => {
    expect(parseDotenv('A="1\n2\n3"\n\nB=4').assignments.map(({ name, line }) => [name, line])).toEqual([['A', 1], ['B', 5]]);
  });

  it('comes back as it was written, here and in Node, or is refused', () => {
    const character = fc.constantFrom('a', 'Z', '0', ' ', '\n', '\t', '"', "'", '`', '\\', 'n', '#', '=', '$', '{', '}', 'é', '🙂', '\\n');
    const value = fc.array(character, { maxLength: 30 }).map((parts) => parts.join(''));
    let refused = 0;
    fc.assert(
      fc.property(value, fc.string({ maxLength: 5, unit: fc.constantFrom('A', 'B', '_', '1') }), (text, name) => {
        const assignment = { name: `V${name}`, value: text };
        const line = dotenvLine(assignment);
        if (line === null) {
          refused += 1;
          return text.includes("'") && text.includes('`') && (text.includes('"') || text.includes(String.raw`\n`));
        }
        const whole = `FIRST=1\n${line}\nLAST=2\n`;
        const expected = { FIRST: '1', [assignment.name]: text, LAST: '2' };
        expect(values(whole)).toEqual(expected);
        expect({ ...parseEnv(whole) }).toEqual(expected);
        return true;
      }),
      { numRuns: 5_000 },
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('stays quick on text that is made to be slow', () => {
    const startedMs = performance.now();
    parseDotenv(`A="${'x\n'.repeat(200_000)}`);
    parseDotenv('='.repeat(300_000));
    parseDotenv(`${' '.repeat(300_000)}A`);
    parseDotenv('A="\n'.repeat(50_000));
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
