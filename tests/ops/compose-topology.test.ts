import { beforeAll, describe, expect, it } from 'vitest';
import { readCompose, type Compose } from '../support/compose';
import { connections, services } from './services';
import { hops, neighboursOf, networksOf, reach, sharedNetworks, type Hop } from './topology';

let compose: Compose;

beforeAll(async () => {
  ({ compose } = await readCompose());
});

/** The list of connections with every pattern spelled out. */
function recorded(): Hop[] {
  const names = Object.keys(compose.services);
  const meant = (pattern: string) => (pattern.endsWith('*') ? names.filter((name) => name.startsWith(pattern.slice(0, -1))) : [pattern]);
  return connections.flatMap(({ from, to, compose: transport }) => from.flatMap(meant).map((name) => ({ from: name, to, transport })));
}

const sorted = (list: readonly Hop[]) => list.map(({ from, to, transport }) => `${from} → ${to}: ${transport}`).toSorted();

describe('the network of apps', () => {
  const apps = () => Object.keys(compose.services).filter((name) => networksOf(compose, name).includes('apps') && name !== 'apps-gateway');

  it('has apps on it, and they are on no other', () => {
    expect(apps()).toEqual(['user-app-1']);
    for (const app of apps()) expect([app, networksOf(compose, app)]).toEqual([app, ['apps']]);
  });

  it('leads to Appwrite\'s API through its gateway, and to nothing else', () => {
    for (const app of apps()) {
      expect(reach(compose, app)).toEqual(['apps-gateway', 'appwrite', 'appwrite-realtime']);
      expect(neighboursOf(compose, app)).toEqual(['apps-gateway']);
    }
  });

  it.each(['postgres', 'redis', 'mariadb', 'appwrite-redis', 'studio', 'worker', 'migrate', 'gateway', 'appwrite-worker-mails'])('does not lead to %s', (target) => {
    expect(compose.services[target]).toBeDefined();
    for (const app of apps()) expect(reach(compose, app)).not.toContain(target);
  });

  it('has no way out, and no address of the host on it', () => {
    expect(compose.networks.apps).toEqual({
      internal: true,
      driver_opts: { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated', 'com.docker.network.bridge.gateway_mode_ipv6': 'isolated' },
    });
  });

  it('runs apps that cannot listen in on each other, write, or take the machine', () => {
    for (const app of apps()) {
      expect(compose.services[app]).toMatchObject({ profiles: ['apps'], read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], mem_limit: '512m', pids_limit: 256 });
      expect(compose.services[app]?.volumes).toEqual(['tls-ca:/tls/ca:ro']);
      expect(compose.services[app]?.cap_add).toBeUndefined();
    }
  });

  it('builds its example without what else lies in the folder, a .env above all', () => {
    const { build } = compose.services['user-app-1'] ?? {};
    const copied = typeof build === 'object' ? [...build.dockerfile_inline.matchAll(/^COPY (.+) \S+$/gm)].map(([, sources]) => sources) : [];
    expect(copied).toEqual(['package.json', '*.mjs']);
  });
});

describe('connections between services', () => {
  it('are exactly those of the list, each with the transport that it records', () => {
    expect(sorted(hops(compose))).toEqual(sorted(recorded()));
  });

  it('without TLS say why, run over a network that leads nowhere else, and hold no database of Studio', () => {
    for (const { from, to, compose: transport, because } of connections) {
      expect([from, to, because === null]).toEqual([from, to, transport === 'tls']);
    }
    for (const { from, to } of recorded()) {
      const networks = sharedNetworks(compose, from, to);
      expect([from, to, networks.length]).toEqual([from, to, 1]);
      expect([networks[0], compose.networks[networks[0] ?? '']?.internal]).toEqual([networks[0], true]);
    }
    expect(connections.filter(({ to, compose: transport }) => ['postgres', 'redis'].includes(to) && transport !== 'tls')).toEqual([]);
  });

  it('that the list says are alone on their network are', () => {
    const on = (network: string) => Object.keys(compose.services).filter((name) => networksOf(compose, name).includes(network));
    expect(on('front')).toEqual(['gateway', 'studio']);
    expect(on('appwrite').filter((name) => !services[name]?.image?.startsWith('appwrite/'))).toEqual(['appwrite-redis', 'mariadb']);
  });

  it('with TLS trust the authority of the installation', () => {
    for (const { from } of recorded().filter(({ transport }) => transport === 'tls')) {
      const { environment, volumes } = compose.services[from] ?? {};
      expect([from, environment?.NODE_EXTRA_CA_CERTS]).toEqual([from, '/tls/ca/ca.crt']);
      expect(volumes).toContain('tls-ca:/tls/ca:ro');
    }
  });
});

describe('keys', () => {
  it('reach the server that they are for, and the authority\'s nobody but who signs', () => {
    const holders = (volume: string) => Object.entries(compose.services).filter(([, { volumes = [] }]) => volumes.some((entry) => entry.startsWith(`${volume}:`))).map(([name]) => name);
    expect(holders('tls-authority')).toEqual(['certificates']);
    for (const server of ['postgres', 'redis', 'apps-gateway']) expect(holders(`tls-${server}`).toSorted()).toEqual(['certificates', server].toSorted());
  });

  it('are made before anybody needs them, by a process that has no network', () => {
    expect(compose.services.certificates).toMatchObject({ network_mode: 'none', cap_drop: ['ALL'], read_only: true });
    for (const server of ['postgres', 'redis', 'apps-gateway']) {
      expect([server, compose.services[server]?.depends_on?.certificates]).toEqual([server, { condition: 'service_completed_successfully' }]);
    }
  });
});
