import { expect, it } from 'vitest';
import { movingStatuses, statuses } from '@/lib/deployments/schemas';
import { isMoving, shownStatuses } from './deployment-status';
import { askerOf, originOf, revisionOf } from './deployment-words';

it('looks again soon at exactly the states that a deployment leaves by itself', () => {
  expect(statuses.filter(isMoving)).toEqual(statuses.filter((status) => movingStatuses.includes(status)));
});

it("shows each of Railway's states by its own word", () => {
  for (const status of statuses) expect(shownStatuses[status].word.toUpperCase().replace(' ', '_')).toBe(status);
});

it.each([
  ['deploy', null, null],
  ['redeploy', { id: 'dep_1', number: 2 }, 'Redeploy of #2'],
  ['rollback', { id: 'dep_1', number: 2 }, 'Rollback to #2'],
  ['rollback', null, 'Rollback'],
  ['external', null, 'Begun at Railway'],
] as const)('a %s of %j is called %s', (kind, of, words) => {
  expect(originOf({ kind, of })).toBe(words);
});

it.each([
  ['deploy', 'Ada Lovelace', 'Ada Lovelace'],
  ['redeploy', null, 'Studio'],
  ['external', null, 'Railway'],
] as const)('a %s by %s was asked for by %s', (kind, by, words) => {
  expect(askerOf({ kind, created_by: by })).toBe(words);
});

it.each([
  ['main', '3f2a91c07d', 'main · 3f2a91c'],
  ['main', null, 'main'],
  [null, null, null],
])('branch %s and commit %s read %s', (branch, commit, words) => {
  expect(revisionOf({ branch, commit })).toBe(words);
});
