import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv, promisify } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));

const Conditions = z.record(z.string(), z.object({ condition: z.string() }));

const Service = z.strictObject({
  image: z.string(),
  build: z.union([z.string(), z.strictObject({ context: z.string(), dockerfile_inline: z.string() })]).optional(),
  profiles: z.array(z.string()).optional(),
  user: z.string().optional(),
  entrypoint: z.string().optional(),
  command: z.array(z.string()).optional(),
  restart: z.string(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  tmpfs: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  shm_size: z.string().optional(),
  mem_limit: z.string().optional(),
  pids_limit: z.number().optional(),
  env_file: z.array(z.strictObject({ path: z.string(), required: z.boolean() })).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  network_mode: z.literal('none').optional(),
  networks: z.array(z.string()).min(1).optional(),
  depends_on: Conditions.optional(),
  configs: z.array(z.object({ source: z.string(), target: z.string() })).optional(),
  healthcheck: z
    .strictObject({
      test: z.array(z.string()).optional(),
      disable: z.boolean().optional(),
      interval: z.string().optional(),
      timeout: z.string().optional(),
      start_period: z.string().optional(),
      retries: z.number().optional(),
    })
    .optional(),
});

export type ComposeService = z.infer<typeof Service>;

const Compose = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional(), driver_opts: z.record(z.string(), z.string()).optional() })),
  volumes: z.record(z.string(), z.null()),
  configs: z.record(z.string(), z.strictObject({ content: z.string() })),
});

export type Compose = z.infer<typeof Compose>;

/** `docker-compose.yml` with the variables of a fresh `.env` put in, as Compose does it. */
export async function readCompose(): Promise<{ compose: Compose; variables: Record<string, string>; used: Set<string> }> {
  const variables = { ...(await freshEnvironment()), SMTP_URL: 'smtp://mail.example.com:25' };
  const used = new Set<string>();
  const text = await readFile(path.join(root, 'docker-compose.yml'), 'utf8');
  const filled = parse(text, { merge: true });
  return { compose: Compose.parse(interpolate(filled, variables, used)), variables, used };
}

async function freshEnvironment(): Promise<Record<string, string>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-compose-'));
  try {
    const file = path.join(folder, '.env');
    await promisify(execFile)(process.execPath, [path.join(root, 'scripts/compose-env.mjs'), file]);
    return z.record(z.string(), z.string()).parse(parseEnv(await readFile(file, 'utf8')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `$$` is a dollar sign, `${NAME:-default}` and `${NAME:?message}` are Compose's. */
function interpolate(value: unknown, variables: Record<string, string>, used: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((entry) => interpolate(entry, variables, used));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, interpolate(entry, variables, used)]));
  }
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (whole: string, name?: string, kind?: string, rest = '') => {
    if (whole === '$$' || name === undefined) return '$';
    used.add(name);
    const found = variables[name];
    if (found !== undefined && found !== '') return found;
    if (kind === '-') return rest;
    throw new Error(`docker-compose.yml wants ${name}, and the .env that we make does not set it`);
  });
}
