import { z } from 'zod';

/** `k1:<base64 of 32 bytes>,k0:…`: the first key seals, all of them open. */
const encryptionKeys = z.string().transform((text, context) =>
  text.split(',').map((part, index, parts) => {
    const [id = '', encoded = ''] = part.trim().split(':');
    const key = Buffer.from(encoded, 'base64');
    if (!/^[a-z0-9]{1,16}$/.test(id) || key.length !== 32) {
      context.addIssue({ code: 'custom', message: 'write it as k1:<base64 of 32 random bytes>, several separated by commas' });
    }
    if (parts.findIndex((other) => other.trim().startsWith(`${id}:`)) < index) {
      context.addIssue({ code: 'custom', message: `the key id ${id} is listed twice` });
    }
    return { id, key };
  }),
);

const url = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
    error: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });

const blankIsUnset = (value: unknown) => (value === '' ? undefined : value);
const optional = <Shape extends z.ZodType>(shape: Shape) => z.preprocess(blankIsUnset, shape.optional());

const address = url('http:', 'https:').refine((text) => !URL.canParse(text) || (new URL(text).pathname === '/' && new URL(text).search === ''), {
  error: 'must be an address without a path, https://appwrite.example.com for example',
});

const Environment = z.object({
  STUDIO_MODE: z.enum(['local', 'production']).default('production'),
  STUDIO_URL: url('http:', 'https:'),
  HOST: z.preprocess(blankIsUnset, z.string().default('127.0.0.1')),
  PORT: z.preprocess(blankIsUnset, z.coerce.number().int().min(0).max(65_535).default(3000)),
  DATABASE_URL: url('postgres:', 'postgresql:'),
  DATABASE_DIRECT_URL: optional(url('postgres:', 'postgresql:')),
  DATABASE_JOBS_URL: optional(url('postgres:', 'postgresql:')),
  /** Login of the role that copies the database; the migration makes it. */
  DATABASE_BACKUP_URL: optional(url('postgres:', 'postgresql:')),
  DATABASE_OWNER_URL: optional(url('postgres:', 'postgresql:')),
  REDIS_URL: optional(url('redis:', 'rediss:')),
  APPWRITE_PLATFORM_ENDPOINT: optional(url('http:', 'https:')),
  APPWRITE_PLATFORM_PUBLIC_ENDPOINT: optional(url('http:', 'https:')),
  /** Where its realtime answers, when that is a service of its own; ends in /v1. */
  APPWRITE_PLATFORM_REALTIME_ENDPOINT: optional(url('http:', 'https:')),
  /** How many projects the configured Appwrite takes, and whether they get tables of their own. */
  APPWRITE_PLATFORM_CAPACITY: optional(z.coerce.number().int().min(1).max(1_000_000)),
  APPWRITE_PLATFORM_ISOLATION: z.preprocess(blankIsUnset, z.enum(['namespace', 'shared']).default('namespace')),
  APPWRITE_PLATFORM_EMAIL: optional(z.email()),
  APPWRITE_PLATFORM_PASSWORD: optional(z.string().min(8)),
  /** The address that people's apps use for `/v1`; a host of its own keeps what they upload off Studio's origin. */
  GATEWAY_URL: optional(address),
  /** The largest body that the gateway passes on. */
  GATEWAY_BODY_LIMIT_MB: optional(z.coerce.number().positive()),
  /** How long nothing may move on a connection of the gateway. */
  GATEWAY_IDLE_SECONDS: z.preprocess(blankIsUnset, z.coerce.number().int().min(1).max(3_600).default(120)),
  SMTP_URL: optional(url('smtp:', 'smtps:')),
  MAIL_FROM: z.preprocess(blankIsUnset, z.string().default('Studio <studio@localhost>')),
  STUDIO_ENCRYPTION_KEYS: encryptionKeys,
  /** How many of each process this installation runs; what they may open together must fit into Postgres. */
  STUDIO_SERVERS: z.preprocess(blankIsUnset, z.coerce.number().int().min(1).max(100).default(1)),
  STUDIO_WORKERS: z.preprocess(blankIsUnset, z.coerce.number().int().min(1).max(100).default(1)),
  /** Bearer token for /metrics; without one only this machine may read it. */
  METRICS_TOKEN: optional(z.string().min(16)),
  TRUSTED_PROXY_HOPS: z.preprocess(blankIsUnset, z.coerce.number().int().min(0).max(5).default(0)),
  /** How long a stopping server still serves, so that load balancers see by /ready that they should look elsewhere. */
  DRAIN_SECONDS: z.preprocess(blankIsUnset, z.coerce.number().min(0).max(15).default(0)),
  LOG_LEVEL: z.preprocess(blankIsUnset, z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info')),
  /** Requests that one caller may make of the API in a minute. */
  RATE_LIMIT_PER_MINUTE: z.preprocess(blankIsUnset, z.coerce.number().int().min(1).default(3000)),
  /** Multiplies the limits on sign-in, registration and mail, for installations behind one shared address. */
  ATTEMPT_LIMIT_FACTOR: z.preprocess(blankIsUnset, z.coerce.number().int().min(1).max(100_000).default(1)),
  STUDIO_DEV: z.preprocess(blankIsUnset, z.stringbool().default(false)),
  STUDIO_DATA_DIR: optional(z.string()),
  LOCAL_APPWRITE_DATABASE_URL: optional(url('postgres:', 'postgresql:')),
  LOCAL_APPWRITE_PORT: optional(z.coerce.number().int().min(0).max(65_535)),
  /** For fault tests: lets the stand-in be told to fail, over HTTP. */
  LOCAL_APPWRITE_FAULTS: z.preprocess(blankIsUnset, z.stringbool().default(false)),
  /** Railway's API; whoever asks it knows the address that is meant when this is not set. */
  RAILWAY_API_URL: optional(url('http:', 'https:')),
  LOCAL_RAILWAY_PORT: optional(z.coerce.number().int().min(0).max(65_535)),
  /** The one token that the local stand-in accepts. */
  LOCAL_RAILWAY_TOKEN: optional(z.string().regex(/^[\x21-\x7e]{20,}$/, { error: 'must be at least 20 visible characters' })),
  /** For fault tests: lets the stand-in be told to fail, over HTTP. */
  LOCAL_RAILWAY_FAULTS: z.preprocess(blankIsUnset, z.stringbool().default(false)),
  LOCAL_SMTP_PORT: optional(z.coerce.number().int().min(0).max(65_535)),
  LOCAL_MAILBOX_PORT: optional(z.coerce.number().int().min(0).max(65_535)),
  /** For fault tests: `<step>:<before|sent|answered|committed>` makes the worker end itself there. */
  FAULT: optional(z.string().regex(/^[a-z-]+:(before|sent|answered|committed)$/)),
});

export type Env = z.infer<typeof Environment>;

/** Reads the environment once, at the start of a process; names every variable that is wrong. */
export function readEnv(source: Record<string, string | undefined> = process.env): Env {
  const parsed = Environment.safeParse(source);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment is not complete:\n${lines.join('\n')}\nThe README lists every variable.`);
}

/** A value that only some processes need. */
export function required<Value>(name: keyof Env, value: Value | undefined): Value {
  if (value === undefined) throw new Error(`The environment is not complete:\n  ${name}: must be set for this process`);
  return value;
}
