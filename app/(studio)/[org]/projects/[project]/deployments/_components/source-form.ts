import type { Rule } from '@/app/_forms/rules';
import type { ServiceView } from '@/lib/deployments/service/schemas';

export type SourceKind = ServiceView['source']['kind'];

/** The fields of a source by the API's own pointers, so that its refusals land on them. */
export type SourceField = `source/${'kind' | 'repository' | 'branch' | 'root_directory' | 'image' | 'build_command' | 'start_command' | 'healthcheck_path'}`;

type Values = Record<SourceField, string>;

/** Which fields a kind of source has; the others are neither shown nor sent. */
export const fieldsOf: Record<SourceKind, readonly SourceField[]> = {
  repository: ['source/repository', 'source/branch', 'source/root_directory', 'source/build_command', 'source/start_command', 'source/healthcheck_path'],
  image: ['source/image', 'source/start_command', 'source/healthcheck_path'],
  example: [],
};

export function isSourceKind(text: string): text is SourceKind {
  return text in fieldsOf;
}

/** The body of a source. Fields that may be empty are then null. */
export function toSource(values: Values): Record<string, string | null> {
  const kind = values['source/kind'];
  const fields = isSourceKind(kind) ? fieldsOf[kind] : [];
  const required: readonly SourceField[] = ['source/repository', 'source/image', 'source/branch'];
  return {
    kind,
    ...Object.fromEntries(
      fields.map((field) => {
        const text = values[field].trim();
        const name = field.slice('source/'.length);
        return [name, text === '' && !required.includes(field) ? null : text];
      }),
    ),
  };
}

/** What the form begins with: the source of the app that there is, else of none. */
export function valuesOf(source: ServiceView['source'] | null): Values {
  return {
    'source/kind': source?.kind ?? 'repository',
    'source/repository': source?.kind === 'repository' ? source.name : '',
    'source/branch': source?.branch ?? 'main',
    'source/root_directory': source?.root_directory ?? '',
    'source/image': source?.kind === 'image' ? source.name : '',
    'source/build_command': source?.build_command ?? '',
    'source/start_command': source?.start_command ?? '',
    'source/healthcheck_path': source?.healthcheck_path ?? '',
  };
}

/** An empty field is wrong only where the chosen kind of source needs it. */
export function neededBy(kind: SourceKind, chosen: () => string, message: string): Rule {
  return (text) => (chosen() === kind && text.trim() === '' ? message : undefined);
}
