import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './db/platform/schema/*.ts',
  out: './db/platform/migrations',
});
