import { expect, it } from 'vitest';
import { reportPage } from './proof-page.mjs';

const report = {
  started_at: '2026-01-02T03:04:05.000Z',
  commit: 'abc',
  seed: 7,
  scale: 'slice',
  passed: false,
  machine: { cores: 2, processor: 'A & B', node: '20' },
  suites: [
    {
      title: 'Isolation',
      seconds: 61,
      passed: 2,
      failed: 1,
      failures: ['a <script> of a test'],
      figures: [
        { requirements: ['R3', 'R9'], what: 'probes', reached: '3 leaks in 1,000', bound: '0 leaks', pass: false },
        { requirements: ['R5'], what: 'reads', reached: '0 foreign rows', bound: '0', pass: true },
      ],
      curves: [{ title: 'Lists', of: 'organizations', unit: 'ms', points: [{ at: 10, ours: 1.5, limit: 1 }, { at: 100, ours: 1.6, limit: 1 }] }],
    },
  ],
  not_run: [],
  without_figure: [],
  not_built: { A7: 'that is not built' },
};

it('says what was missed, figure by figure, and draws each curve', () => {
  const page = reportPage(report);
  expect(page).toContain('<h1>Studio: not proven</h1>');
  expect(page).toContain('2 passed, 1 failed, 1 min 1 s');
  expect(page).toContain('<td>3 leaks in 1,000</td><td>0 leaks</td><td>R3, R9</td><td class="missed">missed</td>');
  expect(page).toContain('<td class="pass">pass</td>');
  expect(page).toMatch(/<svg [^>]*aria-label="Lists"/);
});

it('takes nothing of a name for markup', () => {
  const page = reportPage(report);
  expect(page).toContain('a &#60;script&#62; of a test');
  expect(page).toContain('A &#38; B');
  expect(page).not.toContain('<script');
});

it('says proven of a whole proof of every suite alone', () => {
  const held = { ...report, passed: true };
  const title = (changes: object) => /<h1>(.*)<\/h1>/.exec(reportPage({ ...held, ...changes }))?.[1];
  expect(title({ scale: 'whole' })).toBe('Studio: proven');
  expect(title({})).toBe('Studio: what was tried held, in a slice');
  expect(title({ scale: 'whole', not_run: ['Speed'] })).toBe('Studio: what was tried held, in some suites');
  expect(reportPage({ ...report, without_figure: ['R3'] })).toContain('Without a figure: R3.');
  expect(reportPage(report)).toContain('<li>A7: that is not built</li>');
  expect(reportPage({ ...report, not_run: ['Attacks', 'Speed'] })).toContain('Not run: Attacks, Speed.');
});
