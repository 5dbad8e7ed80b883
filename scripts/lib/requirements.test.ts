import { expect, it } from 'vitest';
import { notBuilt, requirements, withoutFigure } from './requirements.mjs';

it('names what no figure is about, and nothing that is not built', () => {
  expect(requirements).toHaveLength(66);
  const all = requirements.filter((id) => !(id in notBuilt) && id !== 'F7' && id !== 'D8');
  expect(withoutFigure([{ figures: [{ requirements: all }] }, { figures: [{ requirements: ['D8'] }] }])).toEqual(['F7']);
});
