import { expect, test } from 'vitest';
import { newPublicId } from '@/lib/kernel/ids';
import { bodied, sampleFor } from './samples';

test('every door with a body has a sample that its schema takes', () => {
  const wrong = bodied.filter((door) => !door.body.safeParse(sampleFor(door, { organization: newPublicId('organization') })).success);
  expect(wrong.map(({ path }) => path)).toEqual([]);
  expect(bodied.length).toBeGreaterThan(25);
});
