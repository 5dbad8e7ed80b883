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

/** `.env` text. Values are URLs, hex ids and keys; quotes keep any other character from being read as syntax. */
export function envText(source: EnvSource, apiKey: string): string {
  const variables = [...openVariables(source), { name: keyVariable, value: apiKey }];
  return `${variables.map(({ name, value }) => `${name}=${quoted(value)}`).join('\n')}\n`;
}

function quoted(value: string): string {
  return /^[\w:/.-]+$/.test(value) ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
