import { existsSync } from 'node:fs';

const file = new URL('.env', import.meta.url);
// Where the app is deployed the variables are there already, and win.
if (existsSync(file)) process.loadEnvFile(file);
