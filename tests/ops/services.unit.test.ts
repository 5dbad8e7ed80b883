import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readCompose, type Compose } from '../support/compose';
import { railwayProject, type RailwayService } from './railway-project';
import { connections, services, type Service } from './services';

let compose: Compose;
let variables: Record<string, string>;
let railway: ReadonlyMap<string, RailwayService>;

const Legacy = z.looseObject({ deploy: z.looseObject({ startCommand: z.string(), preDeployCommand: z.array(z.string()).optional(), healthcheckPath: z.string().optional() }) });
const legacy = async (file: string) => Legacy.parse(JSON.parse(await readFile(file, 'utf8'))).deploy;
const onRailway = (list: Readonly<Record<string, Service>>) => Object.entries(list).flatMap(([name, service]) => (service.railway === null ? [] : [{ name, ...service, railway: service.railway }]));

beforeAll(async () => {
  ({ compose, variables } = await readCompose());
  railway = new Map((await railwayProject()).resources.map((service) => [service.name, service]));
});

describe('the list of services', () => {
  it('has the names, ports and doors that were asked for', () => {
    const asked = ['studio', 'appwrite', 'postgres', 'redis', 'mariadb', 'user-app-1'].map((name) => [services[name]?.railway ?? name, services[name]?.port, services[name]?.public]);
    expect(asked).toEqual([['studio-backend', 3000, true], ['appwrite', 80, false], ['postgres', 5432, false], ['redis', 6379, false], ['mariadb', 3306, false], ['user-app-1', 8080, true]]);
  });

  it('is made of what docker-compose.yml runs, in the same images and by the same commands', () => {
    expect(Object.keys(compose.services).toSorted()).toEqual(Object.keys(services).toSorted());
    for (const [name, { image, start }] of Object.entries(services)) {
      const { image: used, entrypoint, command } = compose.services[name] ?? {};
      expect([name, used]).toEqual([name, image ?? 'studio:local']);
      // Stores have long commands, which tests run for real.
      if (start !== null && name !== 'studio') expect([name, entrypoint ?? command?.join(' ')]).toEqual([name, start]);
    }
  });

  it('says of the server what the Dockerfile says', async () => {
    const text = await readFile('Dockerfile', 'utf8');
    const command = z.array(z.string()).parse(JSON.parse(/^CMD (\[.*\])$/m.exec(text)?.[1] ?? ''));
    expect(command.join(' ')).toBe(services.studio?.start);
    expect(compose.services.studio?.command).toBeUndefined();
    expect(text).toContain(`PORT=${services.studio?.port}`);
    expect(text).toContain(`process.env.PORT + '${services.studio?.health}'`);
  });

  it('opens to the world what a gateway leads to, and no other', () => {
    const proxied = Object.values(compose.configs).flatMap(({ content }) => [...content.matchAll(/^ {2}reverse_proxy ([a-z0-9-]+):(\d+)/gm)].map(([, name, port]) => [name, Number(port)]));
    const led = Object.entries(services).filter(([name, service]) => service.public && !name.endsWith('gateway')).map(([name, { port }]) => [name, port]);
    expect(proxied).toEqual(led);
    for (const [name, { ports }] of Object.entries(compose.services)) expect([name, ports !== undefined]).toEqual([name, name.endsWith('gateway')]);
  });

  it('asks for health where docker-compose.yml does', () => {
    for (const name of ['appwrite', 'user-app-1']) expect(compose.services[name]?.healthcheck?.test?.join(' ')).toContain(`${services[name]?.health}'`);
  });
});

describe('.railway/railway.ts', () => {
  it('describes the services of the list that are for Railway, with image, command and health', () => {
    const listed = onRailway(services);
    expect([...railway.keys()].toSorted()).toEqual(listed.map((service) => service.railway).toSorted());
    for (const { railway: name, image, start, health } of listed) {
      const described = railway.get(name);
      expect([name, described?.source ?? null, described?.build?.dockerfilePath ?? null]).toEqual([name, image, image === null ? 'Dockerfile' : null]);
      expect([name, described?.healthcheck ?? null]).toEqual([name, health]);
      if (start !== null) expect([name, described?.start?.replace(/^env( -u \w+)+ /, '')]).toEqual([name, start]);
    }
  });

  it('reaches each service by its name on the private network, at the port of the list', () => {
    const ports = new Map(onRailway(services).map((service) => [service.railway, service.port]));
    const named = [...railway.values()].flatMap(({ env }) => Object.entries(env)).flatMap(([name, value]) => [...value.matchAll(/([a-z-]+)\.railway\.internal(?::(\d+))?/g)].map(([, host = '', port]) => ({ name, host, port })));
    expect(new Set(named.map(({ host }) => host))).toEqual(new Set(['postgres', 'redis', 'appwrite', 'appwrite-realtime', 'mariadb', 'appwrite-redis']));
    for (const { name, host, port } of named) {
      // HTTP has its port without saying so, and Appwrite is told ports apart from hosts.
      const expected = port ?? (name === '_APP_DB_HOST' ? '3306' : name === '_APP_REDIS_HOST' ? '6379' : '80');
      expect([name, host, String(ports.get(host))]).toEqual([name, host, expected]);
    }
  });

  it('gives the processes what docker-compose.yml gives them', () => {
    // Trust in an authority of its own belongs to TLS between services, files on Railway to a bucket.
    const onlyCompose = new Set(['NODE_EXTRA_CA_CERTS']);
    for (const { name, railway: other } of onRailway(services)) {
      const { environment = {} } = compose.services[name] ?? {};
      const missing = Object.keys(environment).filter((variable) => !onlyCompose.has(variable) && railway.get(other)?.env[variable] === undefined);
      expect([name, missing]).toEqual([name, []]);
    }
  });

  it('takes every secret from shared variables, named as those of compose-env.mjs', () => {
    const used = new Set([...railway.values()].flatMap(({ env }) => Object.values(env)).flatMap((value) => [...value.matchAll(/\$\{\{shared\.(\w+)\}\}/g)].map(([, name = '']) => name)));
    const further = [...used].filter((name) => variables[name] === undefined && !/^APPWRITE_(S3|SMTP|EMAIL)_/.test(name));
    expect(further).toEqual([]);
    for (const { name, env } of railway.values()) {
      const plain = Object.entries(env).filter(([variable, value]) => /PASS|SECRET|KEY/.test(variable) && !/^\$\{\{shared\.\w+\}\}$/.test(value)).map(([variable]) => variable);
      expect([name, plain]).toEqual([name, []]);
    }
  });

  it('keeps the data of each store on a volume', () => {
    const mounts = [...railway.values()].filter(({ volumeMounts }) => volumeMounts !== undefined).map(({ name, volumeMounts = {} }) => [name, ...Object.keys(volumeMounts)]);
    const volumes = Object.entries(compose.services).filter(([name]) => mounts.some(([mounted]) => mounted === name)).map(([name, service]) => [name, service.volumes?.[0]?.split(':')[1]]);
    expect(new Set(mounts)).toEqual(new Set(volumes));
    expect(mounts).toHaveLength(4);
  });

  it('gives the owner of the database to the service that migrates alone, whose server drops it', () => {
    const holders = [...railway.values()].filter(({ env }) => Object.values(env).some((value) => value.includes('shared.POSTGRES_OWNER_PASSWORD'))).map(({ name }) => name);
    expect(holders).toEqual(['studio-backend', 'postgres']);
    expect(railway.get('studio-backend')?.preDeploy).toBe(services.migrate?.start);
  });

  it('speaks no TLS between services, as the list records', () => {
    const urls = [...railway.values()].flatMap(({ env }) => Object.values(env)).filter((value) => value.includes('.railway.internal'));
    expect(urls.filter((value) => /^(https|rediss):|sslmode/.test(value))).toEqual([]);
    expect(connections.filter(({ railway: transport }) => transport === 'tls')).toEqual([]);
  });
});

describe('railway.json and its sibling for the worker', () => {
  it('say the same as .railway/railway.ts', async () => {
    for (const [file, name] of [['railway.json', 'studio-backend'], ['.railway/worker.json', 'studio-worker']] as const) {
      const { startCommand, preDeployCommand, healthcheckPath } = await legacy(file);
      const { start, preDeploy, healthcheck } = railway.get(name) ?? {};
      expect([file, startCommand, preDeployCommand?.join(' '), healthcheckPath]).toEqual([file, start, preDeploy, healthcheck]);
    }
  });

  it('start a server that has not the owner of the database in its environment', async () => {
    const { startCommand } = await legacy('railway.json');
    const [program = '', ...args] = startCommand.split(' ');
    const asking = [...args.slice(0, -1), '-p', '[process.env.DATABASE_URL, process.env.DATABASE_OWNER_URL, process.env.DATABASE_BACKUP_URL].join()'];
    const { stdout } = await promisify(execFile)(program, asking, { env: { NODE_ENV: 'test', PATH: process.env.PATH, DATABASE_URL: 'app', DATABASE_OWNER_URL: 'owner', DATABASE_BACKUP_URL: 'backup' } });
    expect(stdout).toBe('app,,\n');
  });
});
