// Writes the .env that docker-compose.yml wants: random secrets, and addresses to be edited.
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomSecret } from './lib/files.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const file = path.resolve(process.argv[2] ?? path.join(root, '.env'));

const text = `# Made by scripts/compose-env.mjs for docker-compose.yml. Keep it: without ENCRYPTION_KEYS what is sealed stays sealed.

# The two addresses of the one public port. For a real host: https names, and PUBLIC_PORT=443.
PUBLIC_URL=http://studio.localhost:8080
APPWRITE_PUBLIC_URL=http://appwrite.localhost:8080
APPWRITE_DOMAIN=appwrite.localhost
PUBLIC_PORT=8080

# Where visitors find the example of an app, with: docker compose --profile apps up -d --wait
USER_APP_1_URL=http://app-1.localhost:8081
APPS_PORT=8081

# Studio confirms addresses by mail and so needs a mail server.
SMTP_URL=
MAIL_FROM=Studio <studio@example.com>

# The console account that Studio signs up at Appwrite and works as.
APPWRITE_PLATFORM_EMAIL=platform-${randomBytes(6).toString('hex')}@studio.example.com
APPWRITE_PLATFORM_PASSWORD=${randomSecret()}

ENCRYPTION_KEYS=k1:${randomBytes(32).toString('base64')}
POSTGRES_OWNER_PASSWORD=${randomSecret()}
POSTGRES_APP_PASSWORD=${randomSecret()}
POSTGRES_JOBS_PASSWORD=${randomSecret()}
REDIS_STUDIO_PASSWORD=${randomSecret()}
REDIS_APPWRITE_PASSWORD=${randomSecret()}
MARIADB_ROOT_PASSWORD=${randomSecret()}
MARIADB_PASSWORD=${randomSecret()}
APPWRITE_OPENSSL_KEY=${randomSecret(32)}
`;

try {
  const handle = await open(file, 'wx', 0o600);
  await handle.writeFile(text);
  await handle.close();
  console.log(`Wrote ${file}. Set SMTP_URL in it, then: docker compose up -d --wait`);
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
  console.error(`${file} exists and is left alone: its secrets may be in use.`);
  process.exitCode = 1;
}
