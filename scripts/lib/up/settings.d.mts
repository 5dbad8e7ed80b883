export const DEMO_LOGIN: { email: string; password: string };
export function configuredServices(env: Record<string, string>): Record<'database' | 'appwrite' | 'smtp' | 'redis' | 'railway', boolean>;
export function localSecrets(dataDir: string): Promise<Record<'encryptionKeys' | 'appwriteEmail' | 'appwritePassword' | 'railwayToken', string>>;
