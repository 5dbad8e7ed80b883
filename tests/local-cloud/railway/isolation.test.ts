import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppwriteStandIn } from '@/lib/local-cloud/appwrite/server';
import { createMailStandIn } from '@/lib/local-cloud/mail/server';
import { createLog } from '@/lib/log';
import { listen } from '@/tests/support/listen';
import { testDatabase, type TestDatabase } from '@/tests/support/postgres';
import { testRedis } from '@/tests/support/redis';
import { app, Cloud, openFolder, Service } from './support';

/** Namespaces are made by root alone; for anybody else `api.test.ts` shows that strangers' apps are refused. */
const isRoot = userInfo().uid === 0;
/** Answers what it finds when it looks around, as an app of a stranger would. */
const PROBE = app('JSON.stringify(await look(new URL(request.url, "http://probe")))', `import { connect } from 'node:net';
  import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
  import { spawnSync } from 'node:child_process';
  const reach = (to) => new Promise((resolve) => { const socket = connect(to); socket.setTimeout(1000); socket.once('connect', () => resolve(true)).once('error', () => resolve(false)).once('timeout', () => resolve(false)); });
  const tried = (work) => { try { return work(); } catch (error) { return error.code ?? String(error); } };
  const looks = {
    ports: async (text) => { const found = []; for (const port of text.split(',').map(Number)) for (const host of ['127.0.0.1', '::1']) if (await reach({ port, host })) found.push(port); return found; },
    socket: (path) => reach({ path: path.replace('@', '\\0') }),
    read: (file) => tried(() => readFileSync(file, 'utf8')),
    list: (folder) => tried(() => readdirSync(folder)),
    write: (file) => tried(() => writeFileSync(file, 'x') ?? 'written'),
    get: async (url) => { const [, host, port, path] = /^http:\\/\\/([^:/]+):(\\d+)(.*)$/.exec(url); return raw(host, port, 'GET ' + path + ' HTTP/1.1\\r\\nhost: ' + host + ':' + port + '\\r\\nconnection: close\\r\\n\\r\\n'); },
    run: (command) => { const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' }); return { status, output: stdout + stderr }; },
    who: () => [process.getuid(), process.getgid(), process.getgroups()],
  };
  const raw = (host, port, text) => new Promise((resolve) => { let answer = ''; const socket = connect(port, host, () => socket.write(text)); socket.on('data', (part) => { answer += part; }).on('close', () => resolve(answer)).on('error', (error) => { answer += error.code; }); });
  const look = async (url) => (await looks[url.pathname.slice(1)]?.(url.searchParams.get('at'))) ?? null;`);

const folderOf = (cloud: Cloud): string => path.join(cloud.folder, 'data');
let cloud: Cloud;
let database: TestDatabase;
let probe: Service;
let neighbour: Service;
let appwriteUrl: string;
let secretFolder: string;
const closing: Array<() => Promise<unknown>> = [];

beforeAll(async () => {
  cloud = new Cloud(await openFolder());
  database = await testDatabase();
  const log = createLog('silent', 'local-cloud');
  const appwrite = await createAppwriteStandIn({ databaseUrl: database.ownerUrl, dataDir: path.join(cloud.folder, 'appwrite'), mode: 'local', log: () => undefined, allowFaults: true });
  const running = await appwrite.listen(0, '127.0.0.1');
  appwriteUrl = running.url;
  const mail = await createMailStandIn({ folder: path.join(cloud.folder, 'mail'), log, mode: 'local' });
  const letters = await mail.listen({ smtp: 0, mailbox: 0 });
  await testRedis();
  closing.push(() => running.close(), () => appwrite.stop(), () => letters.close());
  secretFolder = path.join(cloud.folder, 'product');
  await mkdir(secretFolder);
  await writeFile(path.join(secretFolder, '.env'), 'SECRET=platform', { mode: 0o644 });

  await cloud.push('probe', PROBE);
  await cloud.push('neighbour', app("'next door'"));
  await cloud.start({ allowFaults: true, reachable: [`${appwriteUrl}/v1`], hidden: [secretFolder] });
  if (!isRoot) return;
  [probe, neighbour] = [await Service.create(cloud, 'probe', { startCommand: 'exec node app.mjs' }), await Service.create(cloud, 'neighbour')];
  for (const service of [probe, neighbour]) await service.settle(await service.deploy());
});
afterAll(async () => {
  await cloud.remove();
  for (const close of closing) await close();
  await database.drop();
});

async function look<T>(kind: string, at: string, shape: z.ZodType<T>, service = probe): Promise<T> {
  return shape.parse(JSON.parse(await service.text(`/${kind}?at=${encodeURIComponent(at)}`)));
}

/** Every port that anything on this machine listens on. */
async function listeningPorts(): Promise<number[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')));
  const rows = tables.flatMap((table) => table.split('\n').map((row) => row.trim().split(/\s+/))).filter((row) => row[3] === '0A');
  return [...new Set(rows.map((row) => Number.parseInt(row[1]?.split(':')[1] ?? '0', 16)))];
}

const portOf = (url: string): number => Number(new URL(url).port);

describe.each(isRoot ? ['an app'] : [])('%s', () => {
  it('reaches no port of this machine but that of Appwrite', async () => {
    const ports = await listeningPorts();
    const own = [appwriteUrl, cloud.url, neighbour.url, database.ownerUrl].map(portOf);
    expect(ports).toEqual(expect.arrayContaining(own));
    expect(ports.length).toBeGreaterThanOrEqual(7);
    expect(await look('ports', ports.join(','), z.array(z.number()))).toEqual([portOf(appwriteUrl)]);
  });

  it('reaches the API of Appwrite there and not what tells it to fail', async () => {
    const asked = (at: string) => look('get', `${appwriteUrl}${at}`, z.string());
    expect((await fetch(`${appwriteUrl}/_faults`)).status).toBe(200);
    expect(await asked('/v1/health/version')).toContain('"version"');
    for (const at of ['/_faults', '/v1/../_faults', '/v1/%2e%2e/_faults', '/v1\\..\\_faults', '/v1/..;/../_faults', '//_faults', `${appwriteUrl}/_faults`, '/V1/../_faults', '/v10/health']) {
      expect(await asked(at), at).toMatch(/^HTTP\/1\.1 (403|404|400) /);
      expect(await asked(at), at).not.toContain('settings');
    }
  });

  it('reaches no socket of this machine, by name or by file', async () => {
    const file = path.join('/tmp', `probe-${process.pid}.sock`);
    const abstract = `\0probe-${process.pid}`;
    const servers = [file, abstract].map((at) => createSocket((socket) => socket.end()).listen(at));
    try {
      await expect.poll(() => chmod(file, 0o777).then(() => true, () => false)).toBe(true);
      expect(await look('socket', file, z.boolean())).toBe(false);
      expect(await look('socket', abstract.replace('\0', '@'), z.boolean())).toBe(false);
    } finally {
      for (const server of servers) server.close();
    }
  });

  it('sees no file of the platform, and of all apps its own', async () => {
    const data = folderOf(cloud);
    expect(await readFile(path.join(data, 'state.json'), 'utf8')).toContain('"version":1');
    expect(await readFile(path.join(secretFolder, '.env'), 'utf8')).toContain('platform');
    for (const file of [path.join(data, 'state.json'), path.join(secretFolder, '.env')]) expect(await look('read', file, z.string())).toBe('ENOENT');
    expect(await readdir(path.join(data, 'apps'))).toHaveLength(2);
    const seen = await look('list', path.join(data, 'apps'), z.array(z.string()));
    expect(seen).toHaveLength(1);
    expect(await look('list', path.join(data, 'apps', seen[0] ?? '', 'home'), z.array(z.string()))).toEqual([]);
    expect(await look('list', '/tmp', z.array(z.string()))).toEqual([path.basename(cloud.folder)]);
    expect(await look('write', '/etc/hosts', z.string())).toBe('EACCES');
    expect(await look('write', path.join(data, 'apps', seen[0] ?? '', 'x'), z.string())).toBe('EACCES');
  });

  it('sees no process but its own, and cannot become another user', async () => {
    const [uid, gid, groups] = await look('who', '', z.tuple([z.number(), z.number(), z.array(z.number())]));
    expect(uid).toBeGreaterThanOrEqual(40_000);
    expect(uid).toBeLessThan(60_000);
    expect([gid, ...groups]).toEqual([uid, ...groups.map(() => uid)]);
    const pids = (await look('list', '/proc', z.array(z.string()))).filter((name) => /^\d+$/.test(name));
    expect(pids.length).toBeLessThan(6);
    for (const pid of pids) expect(await look('read', `/proc/${pid}/environ`, z.string()), pid).not.toContain('STUDIO_');
    expect(await look('read', '/proc/1/environ', z.string())).toBe('EACCES');
    const { output } = await look('run', 'grep -E "^(CapEff|NoNewPrivs)" /proc/self/status', z.object({ output: z.string() }));
    expect(output).toMatch(/CapEff:\s+0{16}/);
    expect(output).toMatch(/NoNewPrivs:\s+1/);
  });

  it('has bounds: of files, memory and processes', async () => {
    const { output } = await look('run', 'ulimit -f; ulimit -d; ulimit -p; ulimit -c', z.object({ output: z.string() }));
    expect(output.trim().split('\n')).toEqual(['2097152', '2097152', '512', '0']);
    const home = 'cd "$HOME"';
    const big = await look('run', `${home}; truncate -s 1G fits && ! truncate -s 1100M big; rm -f fits big`, z.object({ status: z.number().nullable() }));
    expect(big.status).toBe(0);
    const hungry = await look('run', 'node --max-old-space-size=8000 -e "const a = []; for (;;) a.push(Buffer.alloc(64e6, 1))" 2>&1 | tail -c 1000', z.object({ output: z.string() }));
    expect(hungry.output).toMatch(/allocation failed|out of memory/i);
  });
});

describe.each(isRoot ? ['the bounds of an app'] : [])('%s', () => {
  it('stop a fork bomb, and the neighbours go on', async () => {
    await look('run', '(for i in $(seq 1 700); do sleep 30 & done) >/dev/null 2>&1; true', z.unknown());
    const processes = (await look('list', '/proc', z.array(z.string()))).filter((name) => /^\d+$/.test(name));
    expect(processes.length).toBeGreaterThan(400);
    expect(processes.length).toBeLessThanOrEqual(513);
    expect(await neighbour.text()).toBe('next door');
  });
});

describe.each(isRoot ? ['a build'] : [])('%s', () => {
  it('reaches where packages come from, and Appwrite, and nothing else', async () => {
    const asked: string[] = [];
    const registry: Server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    });
    const url = await listen(registry);
    const other = new Cloud(await openFolder());
    await other.push('hungry', { ...app("'x'"), 'package.json': JSON.stringify({ name: 'app', dependencies: { 'left-over': '1.0.0' } }), '.npmrc': `registry=${url}/packages/\nfetch-retries=0\n` });
    await other.push('curious', app("'x'"));
    try {
      await other.start({ packageRegistry: `${url}/packages/`, reachable: [`${appwriteUrl}/v1`] });
      const hungry = await Service.create(other, 'hungry');
      expect(await hungry.settle(await hungry.deploy())).toBe('FAILED');
      expect(asked).toContain('/packages/left-over');
      const script = `const { connect } = require("net"); for (const port of [${[appwriteUrl, cloud.url, database.ownerUrl, url].map(portOf).join(',')}]) connect(port, "127.0.0.1").on("connect", function () { console.log("open " + port); this.destroy(); }).on("error", () => console.log("closed " + port))`;
      const curious = await Service.create(other, 'curious', { buildCommand: `node -e '${script}'` });
      const id = await curious.deploy();
      expect(await curious.settle(id)).toBe('SUCCESS');
      const said = (await curious.logs('build', id)).map(({ message }) => message).filter((line) => /^(open|closed)/.test(line));
      expect(said.toSorted()).toEqual([`closed ${portOf(cloud.url)}`, `closed ${portOf(database.ownerUrl)}`, `open ${portOf(appwriteUrl)}`, `open ${portOf(url)}`].toSorted());
    } finally {
      await other.remove();
      registry.close();
    }
  });
});

describe.each(isRoot ? ['without namespaces'] : [])('%s', () => {
  it('apps run all the same, with files of others closed to them, and the stand-in says what is missing', async () => {
    const open = new Cloud(await openFolder());
    await open.push('probe', PROBE);
    await open.start({ isolate: false });
    try {
      expect(open.lines.join('\n')).toContain('reach whatever listens on this machine');
      const service = await Service.create(open, 'probe');
      expect(await service.settle(await service.deploy())).toBe('SUCCESS');
      expect(await look('read', path.join(folderOf(open), 'state.json'), z.string(), service)).toBe('EACCES');
      expect(await look('list', path.join(folderOf(open), 'apps'), z.string(), service)).toBe('EACCES');
      expect(await look('read', `/proc/${process.pid}/environ`, z.string(), service)).toBe('EACCES');
      expect(await look('ports', String(portOf(open.url)), z.array(z.number()), service)).toEqual([portOf(open.url)]);
      const { output } = await look('run', 'ulimit -p', z.object({ output: z.string() }), service);
      expect(output.trim()).toBe('512');
    } finally {
      await open.remove();
    }
  });
});

describe('whoever starts it', () => {
  it('is told how far apps are kept apart', () => {
    expect(cloud.lines.some((line) => line.includes('not root'))).toBe(!isRoot);
    expect(cloud.lines.some((line) => line.includes('no network and no processes of their own'))).toBe(false);
  });
});
