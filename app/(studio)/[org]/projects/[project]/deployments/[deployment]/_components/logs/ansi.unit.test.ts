import { expect, it } from 'vitest';
import { ansiParts, withoutAnsi } from './ansi';

const esc = '\x1b';

it.each([
  ['plain text', 'plain text', [['plain text', '']]],
  ['a colour and its end', `${esc}[31merror${esc}[0m: gone`, [['error', 'text-bad'], [': gone', '']]],
  ['a bright colour in bold', `${esc}[1;92mok`, [['ok', 'text-good font-semibold']]],
  ['bold that ends while the colour stays', `${esc}[1m${esc}[33ma${esc}[22mb`, [['a', 'text-warn font-semibold'], ['b', 'text-warn']]],
  ['dim, grey and underlined', `${esc}[2ma${esc}[0;90mb${esc}[0;4mc`, [['a', 'text-muted'], ['b', 'text-muted'], ['c', 'underline']]],
  ['a colour of the large palette', `${esc}[38;5;196ma${esc}[38;2;1;31;3mb`, [['a', ''], ['b', '']]],
  ['an empty code, which ends all', `${esc}[34ma${esc}[mb`, [['a', 'text-info'], ['b', '']]],
])('reads %s', (_, line, parts) => {
  expect(ansiParts(line).map(({ text, className }) => [text, className])).toEqual(parts);
});

it.each([
  ['a moved cursor and a cleared line', `${esc}[2K${esc}[1Gdone`, 'done'],
  ['a title', `${esc}]0;npm${String.fromCharCode(7)}ready`, 'ready'],
  ['a link, of which the words stay', `${esc}]8;;https://example.com${esc}\\here${esc}]8;;${esc}\\!`, 'here!'],
  ['a progress bar', '10 %\r55 %\r100 %\r', '100 %'],
  ['a bell, a null and half a code', `a${String.fromCharCode(7)}b\0c${esc}`, 'abc'],
  ['tabs, which stay', 'a\tb', 'a\tb'],
])('takes out %s', (_, line, text) => {
  expect(withoutAnsi(line)).toBe(text);
});

it('leaves markup as the text that it is', () => {
  expect(ansiParts('<script>alert(1)</script>')).toEqual([{ text: '<script>alert(1)</script>', className: '' }]);
});
