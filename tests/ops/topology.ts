import type { Compose, ComposeService } from '../support/compose';
import type { Transport } from './services';

export interface Hop {
  from: string;
  to: string;
  transport: Transport;
}

const isReverseProxy = /reverse_proxy ([a-z0-9-]+):(\d+)/g;

export function networksOf({ services }: Compose, name: string): readonly string[] {
  return services[name]?.networks ?? [];
}

export function sharedNetworks(compose: Compose, a: string, b: string): string[] {
  return networksOf(compose, a).filter((network) => networksOf(compose, b).includes(network));
}

/** The services that a packet from this one gets to, whatever listens there. */
export function neighboursOf(compose: Compose, name: string): string[] {
  return Object.keys(compose.services).filter((other) => other !== name && sharedNetworks(compose, name, other).length > 0);
}

/** What a proxy passes requests on to, by its configuration. */
export function upstreamsOf(compose: Compose, name: string): string[] {
  const texts = (compose.services[name]?.configs ?? []).map(({ source }) => compose.configs[source]?.content ?? '');
  return [...new Set(texts.flatMap((text) => [...text.matchAll(isReverseProxy)].map(([, upstream = '']) => upstream)))];
}

/** The services that somebody who owns this one can talk to: neighbours, and what those that are proxies pass on to. */
export function reach(compose: Compose, name: string): string[] {
  const found = new Set<string>();
  const open = [...neighboursOf(compose, name)];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === name || found.has(next)) continue;
    found.add(next);
    open.push(...upstreamsOf(compose, next));
  }
  return [...found].toSorted();
}

/** Every connection that the settings of a service make, as far as the networks let it. */
export function hops(compose: Compose): Hop[] {
  const named = Object.entries(compose.services).flatMap(([from, service]) => [
    ...addresses(service).map(({ to, transport }) => ({ from, to, transport })),
    ...upstreamsOf(compose, from).map((to) => ({ from, to, transport: 'http' as const })),
  ]);
  const known = named.filter(({ from, to }) => compose.services[to] !== undefined && sharedNetworks(compose, from, to).length > 0);
  return [...new Map(known.map((hop) => [JSON.stringify(hop), hop])).values()];
}

function addresses({ environment = {} }: ComposeService): { to: string; transport: Transport }[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (/^_APP_(DB|REDIS)_HOST$/.test(name)) return [{ to: value, transport: 'tcp' as const }];
    const url = value.includes('://') && URL.canParse(value) ? new URL(value) : undefined;
    return url === undefined ? [] : [{ to: url.hostname, transport: transportOf(url) }];
  });
}

function transportOf({ protocol, searchParams }: URL): Transport {
  switch (protocol) {
    case 'https:':
    case 'rediss:':
      return 'tls';
    case 'postgresql:':
      // Anything less encrypts without asking who is there, or not at all.
      return searchParams.get('sslmode') === 'verify-full' ? 'tls' : 'tcp';
    case 'http:':
      return 'http';
    default:
      return 'tcp';
  }
}
