import { expect, it } from 'vitest';
import { Source } from '@/lib/deployments/service/source';
import { neededBy, toSource, valuesOf } from './source-form';

const none = { branch: null, root_directory: null, build_command: null, start_command: null, healthcheck_path: null };

it.each([
  ['a repository', { ...none, kind: 'repository', name: 'acme/notes', branch: 'release', root_directory: 'apps/web', start_command: 'npm start' }],
  ['an image', { ...none, kind: 'image', name: 'ghcr.io/acme/notes:1', healthcheck_path: '/health' }],
  ['the example', { ...none, kind: 'example', name: 'notes' }],
] as const)('what the form makes of %s is taken by the API and says the same', (_, source) => {
  const parsed = Source.parse(toSource(valuesOf(source)));
  expect(parsed).toMatchObject({
    kind: source.kind,
    ...(source.kind === 'repository' ? { repository: source.name, branch: source.branch, root_directory: source.root_directory, start_command: source.start_command, build_command: null } : {}),
    ...(source.kind === 'image' ? { image: source.name, healthcheck_path: source.healthcheck_path, start_command: null } : {}),
  });
});

it('sends nothing of a kind that was not chosen', () => {
  expect(toSource({ ...valuesOf(null), 'source/kind': 'example', 'source/repository': 'acme/notes' })).toEqual({ kind: 'example' });
});

it('asks for a field only when its kind is chosen', () => {
  const rule = (chosen: string) => neededBy('image', () => chosen, 'Name an image.');
  expect(rule('image')(' ')).toBe('Name an image.');
  expect(rule('image')('nginx')).toBeUndefined();
  expect(rule('repository')('')).toBeUndefined();
});
