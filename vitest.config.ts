import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { configured } from './scripts/lib/programs.mjs';

const root = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const servers = ['./tests/support/postgres-setup.ts'];
const unitTests = ['**/*.unit.test.ts', '{app,lib,db,scripts}/**/*.test.ts'];
const onTheBuild = ['./tests/support/build-setup.ts', ...servers];
// Both want real processes of the build, and take about as long as each other.
const browser = ['tests/e2e/**/*.test.ts', 'tests/attacks/**/*.built.test.ts'];
const faults = ['tests/{faults,replicas}/**/*.test.ts', 'tests/isolation/**/*.built.test.ts'];
const outside = ['**/node_modules/**', 'dist/**', '.next/**', '.studio/**', 'examples/**'];

export default defineConfig({
  resolve: {
    alias: { '@': root, 'server-only': `${root}/tests/support/server-only.ts` },
  },
  test: {
    pool: 'forks',
    // A test that runs alone lets all others pass unseen.
    allowOnly: false,
    // Two files at a time: the servers under test need the other half of a small machine.
    maxWorkers: 2,
    // Set by `npm run prove`: everything instead of a slice, and another seed each time.
    provide: { proof: { whole: configured('STUDIO_PROOF') === 'whole', seed: Number(configured('STUDIO_PROOF_SEED') ?? 20_261) } },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: unitTests, exclude: outside, testTimeout: 10_000 },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/**/*.test.ts'],
          exclude: [...outside, ...browser, ...faults, '**/*.unit.test.ts'],
          globalSetup: servers,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: browser,
          exclude: outside,
          globalSetup: onTheBuild,
          // One browser and one whole studio at a time.
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: faults,
          exclude: outside,
          globalSetup: onTheBuild,
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
