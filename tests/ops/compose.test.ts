import { beforeAll, describe, expect, it } from 'vitest';
import { readCompose, type Compose } from '../support/compose';
import { neighboursOf, networksOf, sharedNetworks } from './topology';

let compose: Compose;
let variables: Record<string, string>;
let used: Set<string>;

const SECRETS = /PASSWORD|KEYS?$/;

beforeAll(async () => {
  ({ compose, variables, used } = await readCompose());
});

function neighbours(a: string, b: string): boolean {
  return sharedNetworks(compose, a, b).length > 0;
}

describe('docker-compose.yml', () => {
  it('names only networks, volumes, configs and services that exist, and leaves none unused', () => {
    const services = Object.values(compose.services);
    const volumeNames = services.flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    expect(new Set(services.flatMap(({ networks = [] }) => networks))).toEqual(new Set(Object.keys(compose.networks)));
    expect(new Set(volumeNames)).toEqual(new Set(Object.keys(compose.volumes)));
    expect(new Set(services.flatMap(({ configs = [] }) => configs.map(({ source }) => source)))).toEqual(new Set(Object.keys(compose.configs)));
    const needed = services.flatMap(({ depends_on = {} }) => Object.keys(depends_on));
    expect(needed.filter((name) => compose.services[name] === undefined)).toEqual([]);
  });

  it('waits only for health that is checked', () => {
    for (const [name, { depends_on = {} }] of Object.entries(compose.services)) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        const { healthcheck, image } = compose.services[needed] ?? { image: '' };
        const checked = healthcheck?.disable !== true && (healthcheck?.test !== undefined || image.startsWith('studio:'));
        expect([name, needed, condition === 'service_healthy' ? checked : true]).toEqual([name, needed, true]);
      }
    }
  });

  it('has one public port, the gateway\'s, and one more when it runs apps', () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports = [], profiles = [] }]) => ports.map((port) => [name, port, ...profiles]));
    expect(published).toEqual([['gateway', '8080:8080'], ['apps-gateway', '8081:8081', 'apps']]);
  });

  it('runs apps and their gateway only when asked to', () => {
    const optional = Object.entries(compose.services).filter(([, { profiles }]) => profiles !== undefined).map(([name, { profiles }]) => [name, profiles]);
    expect(optional).toEqual([['apps-gateway', ['apps']], ['user-app-1', ['apps']]]);
  });

  it('puts every service on networks that it names, or on none', () => {
    for (const [name, { networks, network_mode }] of Object.entries(compose.services)) {
      expect([name, networks === undefined]).toEqual([name, network_mode === 'none']);
    }
  });

  it('lets only the gateways, Studio and the senders of mail and webhooks out, each kind by a network of its own', () => {
    const open = Object.entries(compose.networks).filter(([, { internal }]) => internal !== true).map(([name]) => name);
    const members = open.map((network) => [network, Object.keys(compose.services).filter((name) => networksOf(compose, name).includes(network))]);
    expect(members).toEqual([
      ['outside', ['gateway']],
      ['studio-outside', ['studio', 'worker']],
      ['appwrite-outside', ['appwrite-worker-mails', 'appwrite-worker-messaging', 'appwrite-worker-webhooks']],
      ['apps-outside', ['apps-gateway']],
    ]);
  });

  it('keeps databases away from the gateway, and each product away from the other\'s database', () => {
    expect(neighboursOf(compose, 'postgres')).toEqual(['studio', 'worker', 'migrate']);
    expect(neighboursOf(compose, 'redis')).toEqual(['studio', 'worker']);
    expect(neighboursOf(compose, 'mariadb').filter((name) => !name.startsWith('appwrite'))).toEqual([]);
    expect(neighboursOf(compose, 'appwrite-redis').filter((name) => !name.startsWith('appwrite') && name !== 'mariadb')).toEqual([]);
    expect(neighboursOf(compose, 'gateway')).toEqual(['studio']);
  });

  it('lets every process reach what it needs', () => {
    for (const [a, b] of [
      ['gateway', 'studio'], ['studio', 'postgres'], ['studio', 'redis'], ['studio', 'appwrite'], ['studio', 'appwrite-realtime'],
      ['worker', 'postgres'], ['worker', 'redis'], ['worker', 'appwrite'], ['migrate', 'postgres'],
      ['apps-gateway', 'appwrite'], ['apps-gateway', 'appwrite-realtime'], ['apps-gateway', 'user-app-1'],
    ] as const) {
      expect([a, b, neighbours(a, b)]).toEqual([a, b, true]);
    }
    const ofAppwrite = Object.keys(compose.services).filter((name) => name.startsWith('appwrite') && name !== 'appwrite-redis');
    for (const name of ofAppwrite) expect([name, neighbours(name, 'mariadb'), neighbours(name, 'appwrite-redis')]).toEqual([name, true, true]);
  });

  it('gives the owner of the database to the migration alone', () => {
    const holders = Object.entries(compose.services)
      .filter(([, { environment = {} }]) => Object.values(environment).some((value) => value.includes(variables.POSTGRES_OWNER_PASSWORD ?? '?')))
      .map(([name]) => name);
    expect(holders).toEqual(['migrate', 'postgres']);
  });

  it('runs the versions that were decided on', () => {
    const images = Object.fromEntries(Object.entries(compose.services).map(([name, { image }]) => [name, image]));
    const [major = 0, minor = 0] = /:(\d+)\.(\d+)/.exec(images.postgres ?? '')?.slice(1).map(Number) ?? [];
    expect(major).toBe(18);
    expect(minor).toBeGreaterThanOrEqual(6);
    expect(images.mariadb).toMatch(/^mariadb:10\.11/);
    for (const name of ['redis', 'appwrite-redis']) expect(images[name]).toMatch(/^redis:7\./);
    const appwrite = Object.entries(images).filter(([name]) => name.startsWith('appwrite') && name !== 'appwrite-redis');
    expect(new Set(appwrite.map(([, image]) => image))).toEqual(new Set(['appwrite/appwrite:1.9.10']));
    expect(appwrite.map(([name]) => name)).toEqual(expect.arrayContaining(['appwrite-worker-databases', 'appwrite-worker-deletes']));
  });

  it('names adapter, host and port of Appwrite\'s database', () => {
    const environment = compose.services.appwrite?.environment;
    expect(environment).toMatchObject({ _APP_DB_ADAPTER: 'mariadb', _APP_DB_HOST: 'mariadb', _APP_DB_PORT: '3306' });
  });

  it('takes every secret from .env, where each is random and long', () => {
    const names = [...used].filter((name) => SECRETS.test(name) && name !== 'APPWRITE_SMTP_PASSWORD');
    expect(names.length).toBeGreaterThanOrEqual(9);
    const values = names.map((name) => variables[name] ?? '');
    expect(values.filter((value) => value.length < 24)).toEqual([]);
    expect(new Set(values).size).toBe(values.length);
  });

  it('stops processes of ours no earlier than they need', () => {
    for (const name of ['studio', 'worker']) expect(compose.services[name]?.stop_grace_period).toBe('30s');
  });

  it('runs ours without privileges and on a read-only disk', () => {
    for (const name of ['studio', 'worker', 'migrate', 'certificates']) {
      expect(compose.services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    }
  });
});
