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

/** `.env` text: what the backend gives, then what people set. `conflict` names a value that such a file cannot hold. */
export function envText(source: EnvSource, apiKey: string, own: readonly Assignment[]): string {
  const assignments = [...openVariables(source), { name: keyVariable, value: apiKey }, ...own];
  const lines = assignments.map((variable) => {
    const text = dotenvLine(variable);
    if (text === null) throw new AppError('conflict', `A .env file cannot hold the value of ${variable.name}: it has every kind of quote in it. Change the value, or read the variables by the API.`);
    return text;
  });
  return `${lines.join('\n')}\n`;
}
