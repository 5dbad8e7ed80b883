import { AppError } from '@/lib/kernel/errors';
import { dotenvLine, type Assignment } from './dotenv';

/** What an app gets. The only place that names these variables. */
export interface EnvSource {
  /** Where apps reach Appwrite; ends in `/v1`. */
  endpoint: string;
  appwriteProjectId: string;
}

export interface Variable<Value> {
  name: string;
  secret: boolean;
  value: Value;
}

export const keyVariable = 'APPWRITE_API_KEY';

/** Variables without the secret one, in the order of the file. */
export function openVariables({ endpoint, appwriteProjectId }: EnvSource): Variable<string>[] {
  return [
    { name: 'APPWRITE_ENDPOINT', secret: false, value: endpoint },
    { name: 'APPWRITE_PROJECT', secret: false, value: appwriteProjectId },
    { name: 'APPWRITE_PROJECT_ID', secret: false, value: appwriteProjectId },
    { name: 'NEXT_PUBLIC_APPWRITE_ENDPOINT', secret: false, value: endpoint },
    { name: 'NEXT_PUBLIC_APPWRITE_PROJECT_ID', secret: false, value: appwriteProjectId },
  ];
}

/** Names that the backend gives: people can neither set nor remove them. */
export const generatedNames: readonly string[] = [...openVariables({ endpoint: '', appwriteProjectId: '' }).map(({ name }) => name), keyVariable];

export const exportFormats = ['dotenv', 'json', 'compose'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Variables as text. `conflict` names a value that a `.env` file cannot hold. */
export function envText(assignments: readonly Assignment[], format: ExportFormat = 'dotenv'): string {
  return renderers[format](assignments);
}

const renderers: Record<ExportFormat, (assignments: readonly Assignment[]) => string> = {
  dotenv: (assignments) => `${assignments.map(fileLine).join('\n')}\n`,
  json: (assignments) => `${JSON.stringify(Object.fromEntries(assignments.map(({ name, value }) => [name, value])), null, 2)}\n`,
  compose: (assignments) => `environment:\n${assignments.map(composeLine).join('')}`,
};

function fileLine(variable: Assignment): string {
  const text = dotenvLine(variable);
  if (text === null) throw new AppError('conflict', `A .env file cannot hold the value of ${variable.name}: it has every kind of quote in it. Change the value, or export the variables as JSON.`);
  return text;
}

/** A JSON string is one in YAML too. Compose fills in what follows a dollar sign, unless there are two. */
function composeLine({ name, value }: Assignment): string {
  return `  ${name}: ${JSON.stringify(value).replaceAll('$', '$$$$')}\n`;
}
