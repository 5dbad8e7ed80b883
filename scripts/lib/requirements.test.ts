import { expect, it } from 'vitest';
import { notBuilt, requirements, withoutFigure } from './requirements.mjs';

const curves = ['organizations', 'projects', 'members', 'entries', 'minutes'].map((of) => ({ of }));

it('names what no figure is about, and nothing that is not built', () => {
  expect(requirements).toHaveLength(68);
  const all = requirements.filter((id) => !(id in notBuilt) && id !== 'F7' && id !== 'D8');
  expect(withoutFigure([{ figures: [{ requirements: all }] }, { figures: [{ requirements: ['D8'] }], curves }], { whole: true })).toEqual(['F7']);
});

it('names what nothing was measured along; by minutes in a whole run', () => {
  const figures = [{ requirements }];
  const short = curves.filter(({ of }) => of !== 'entries' && of !== 'minutes');
  expect(withoutFigure([{ figures, curves: short }], { whole: false })).toEqual(['the curve by entries']);
  expect(withoutFigure([{ figures, curves: short }], { whole: true })).toEqual(['the curve by entries', 'the curve by minutes']);
});
