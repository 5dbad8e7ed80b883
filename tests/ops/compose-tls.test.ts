import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCompose, type Compose } from '../support/compose';
import { listens, openStores, runContained, startTlsStores, type TlsStores } from './tls-stores';

let compose: Compose;
let stores: TlsStores;

beforeAll(async () => {
  ({ compose } = await readCompose());
  stores = await startTlsStores(compose);
});

afterAll(async () => {
  await stores.stop();
});

type Change = (url: string) => string;

/** The environment of a service, its URLs changed where they lead to a store. */
function environmentOf(service: string, change: Change = (url) => url): Record<string, string | undefined> {
  const environment = compose.services[service]?.environment ?? {};
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, /^(DATABASE|REDIS)_/.test(name) ? change(value) : value]));
}

/** Each store asked for by the name of the other, whose certificate it does not have. */
const wrongName: Change = (url) =>
  url.startsWith('redis') ? url.replace('@redis:6379', `@postgres:${stores.ports.redis}`) : url.replace('@postgres:5432', `@redis:${stores.ports.postgres}`);
const plain: Change = (url) => url.replace('sslmode=verify-full', 'sslmode=disable').replace('rediss:', 'redis:');

describe('Postgres and Redis as docker-compose.yml runs them', () => {
  it.each([
    ['studio', { app: 'TLSv1.3', jobs: 'TLSv1.3', redis: 'PONG' }],
    ['worker', { app: 'TLSv1.3', jobs: 'TLSv1.3', redis: 'PONG' }],
    ['migrate', { app: 'TLSv1.3', jobs: 'TLSv1.3', owner: 'TLSv1.3', redis: 'PONG' }],
  ])('take %s in, with the URLs and the authority of its environment', async (service, expected) => {
    expect(await openStores(stores, environmentOf(service))).toEqual(expected);
  });

  it('let the migration through, which opens connections in three ways', async () => {
    expect(await runContained(stores, 'migrate.ts', environmentOf('migrate'))).toContain('up to date');
  });

  it('refuse a connection that is not encrypted, the owner\'s included', async () => {
    // 28000: no line of pg_hba.conf is for it.
    const { redis, ...databases } = await openStores(stores, environmentOf('migrate', plain));
    expect(databases).toEqual({ app: '28000', jobs: '28000', owner: '28000' });
    expect(redis).toMatch(/ECONNRESET|EPIPE|Connection is closed/);
    expect(await listens(stores.plainPort)).toBe(false);
  });

  it('are refused when they answer under a name that is not theirs', async () => {
    const refused = 'ERR_TLS_CERT_ALTNAME_INVALID';
    expect(await openStores(stores, environmentOf('studio', wrongName))).toEqual({ app: refused, jobs: refused, redis: refused });
  });

  it('are refused when nobody vouches for them', async () => {
    // Redis sends the authority along, Postgres does not.
    const [alone, along] = ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN'];
    expect(await openStores(stores, { ...environmentOf('studio'), NODE_EXTRA_CA_CERTS: undefined })).toEqual({ app: alone, jobs: alone, redis: along });
  });

  it('are found healthy by the command of the container', async () => {
    const [, program = '', ...args] = stores.located(compose.services.redis?.healthcheck?.test ?? []);
    const { stdout } = await promisify(execFile)(program, ['-p', String(stores.ports.redis), ...args]);
    expect(stdout).toBe('PONG\n');
  });
});
