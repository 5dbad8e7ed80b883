export const DEMO_LOGIN: { email: string; password: string };
export function configuredServices(env: Record<string, string>): Record<'database' | 'appwrite' | 'smtp' | 'redis', boolean>;
export function localSecrets(dataDir: string): Promise<Record<'encryptionKeys' | 'appwriteEmail' | 'appwritePassword', string>>;
