import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { readCompose, type Compose } from '../support/compose';
import { waitFor } from '../support/wait-for';
import { startCaddy, startUpstream, type Heard, type Upstream } from './caddy';

let compose: Compose;
let studio: Upstream;
let gateway: Awaited<ReturnType<typeof startCaddy>>;
let port: number;

function ask(host: string, target: string, headers: Record<string, string> = {}): Promise<{ status: number; heard: Heard | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', path: target, headers: { host: `${host}:${port}`, ...headers } }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, heard: text.startsWith('{') ? JSON.parse(text) : undefined }));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

beforeAll(async () => {
  ({ compose } = await readCompose());
  port = await anyFreePort();
  studio = await startUpstream('studio');
  gateway = await startCaddy((compose.configs.gateway?.content ?? '').replaceAll('studio:3000', studio.address), {
    PUBLIC_URL: `http://studio.localhost:${port}`,
    APPWRITE_PUBLIC_URL: `http://appwrite.localhost:${port}`,
  });
  await waitFor(() => ask('studio.localhost', '/').then(Boolean, () => false), { what: 'the gateway' });
});

afterAll(async () => {
  await gateway.stop();
  studio.close();
});

describe('the gateway', () => {
  it.each(['studio.localhost', 'appwrite.localhost'])('leads %s to Studio, which tells the hosts apart by the name that was asked for', async (host) => {
    const { heard } = await ask(host, '/v1/databases?project=p');
    expect([heard?.name, heard?.url, heard?.headers.host]).toEqual(['studio', '/v1/databases?project=p', `${host}:${port}`]);
  });

  it('leads no other host anywhere', async () => {
    expect((await ask('other.localhost', '/v1/databases')).heard).toBeUndefined();
  });

  it('tells Studio the real address of a client, whatever the client claims', async () => {
    const { heard } = await ask('studio.localhost', '/', { 'X-Forwarded-For': '203.0.113.7' });
    expect(heard?.headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(compose.services.studio?.environment?.TRUSTED_PROXY_HOPS).toBe('1');
  });

  it('has Studio\'s own gateway answer under the host of Appwrite, so that nothing of Appwrite shares Studio\'s origin', () => {
    const { GATEWAY_URL, STUDIO_URL, APPWRITE_PLATFORM_PUBLIC_ENDPOINT } = compose.services.studio?.environment ?? {};
    expect(GATEWAY_URL).not.toBe(STUDIO_URL);
    expect(APPWRITE_PLATFORM_PUBLIC_ENDPOINT).toBe(`${GATEWAY_URL}/v1`);
  });
});
