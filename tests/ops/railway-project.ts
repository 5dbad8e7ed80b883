import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** In place of Railway's library, which is not installed: it hands back what it is given. */
const library = `
  export const defineRailway = (describe) => describe({ environment: 'production' });
  export const project = (name, { resources }) => ({ name, resources });
  export const service = (name, config) => ({ name, ...config });
  export const image = (reference) => reference;
  export const volume = (name) => name;
`;

const Service = z.strictObject({
  name: z.string(),
  source: z.string().optional(),
  build: z.strictObject({ builder: z.literal('DOCKERFILE'), dockerfilePath: z.string() }).optional(),
  preDeploy: z.string().optional(),
  start: z.string().optional(),
  healthcheck: z.string().optional(),
  healthcheckTimeout: z.number().optional(),
  deploy: z.strictObject({ restartPolicyType: z.enum(['ON_FAILURE', 'ALWAYS', 'NEVER']), restartPolicyMaxRetries: z.number(), drainingSeconds: z.number() }).optional(),
  volumeMounts: z.record(z.string(), z.string()).optional(),
  env: z.record(z.string(), z.string()),
});

const Project = z.strictObject({ name: z.string(), resources: z.array(Service) });

export type RailwayService = z.infer<typeof Service>;

/** What `.railway/railway.ts` describes. Fields that Railway's documents do not name, domains and public ports are refused. */
export async function railwayProject(): Promise<z.infer<typeof Project>> {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, '.railway/railway.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    plugins: [{
      name: 'stand-in',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^railway\/iac$/ }, () => ({ path: 'railway', namespace: 'stand-in' }));
        onLoad({ filter: /.*/, namespace: 'stand-in' }, () => ({ contents: library }));
      },
    }],
  });
  const evaluated: unknown = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`);
  return z.object({ default: Project }).parse(evaluated).default;
}
