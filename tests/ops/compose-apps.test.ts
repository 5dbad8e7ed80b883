import { readFile } from 'node:fs/promises';
import { request as requestInPlain } from 'node:http';
import { createServer, request } from 'node:https';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { readCompose } from '../support/compose';
import { waitFor } from '../support/wait-for';
import { startCaddy, startUpstream, type Heard, type Upstream } from './caddy';
import { makeCertificates, type Certificates } from './certificates';

let certificates: Certificates;
let authority: string;
let gateway: Awaited<ReturnType<typeof startCaddy>>;
let inside: number;
let outside: number;
const upstreams: Upstream[] = [];

interface Asked {
  target: string;
  headers?: Record<string, string>;
  ca?: string;
  port?: number;
}

/** Asks as an app does: by name, over TLS, with the authority that its container trusts. */
function ask({ target, headers = {}, ca = authority, port = inside }: Asked): Promise<{ status: number; heard: Heard | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, servername: 'apps-gateway', ca, path: target, headers: { host: 'apps-gateway', ...headers } }, (response) => {
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

function askInPlain(port: number, host: string, target: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = requestInPlain({ host: '127.0.0.1', port, path: target, headers: { host } }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

beforeAll(async () => {
  const { compose } = await readCompose();
  certificates = await makeCertificates(compose, process.getuid?.() ?? 0);
  authority = await readFile(certificates.authority, 'utf8');
  [inside, outside] = [await anyFreePort(), await anyFreePort()];
  let text = compose.configs['apps-gateway']?.content ?? '';
  text = text.replace('https://apps-gateway {', `https://apps-gateway:${inside} {`).replaceAll('/tls/', `${certificates.folder}/`);
  for (const [name, place] of [['realtime', 'appwrite-realtime:80'], ['appwrite', 'appwrite:80'], ['app', 'user-app-1:8080']] as const) {
    const upstream = await startUpstream(name);
    upstreams.push(upstream);
    text = text.replace(place, upstream.address);
  }
  gateway = await startCaddy(text, { USER_APP_1_URL: `http://app-1.localhost:${outside}` });
  await waitFor(() => ask({ target: '/' }).then(Boolean, () => false), { what: 'the gateway of apps' });
});

afterAll(async () => {
  await gateway.stop();
  for (const upstream of upstreams) upstream.close();
  await certificates.remove();
});

describe('the gateway of apps, from an app', () => {
  it('leads to Appwrite\'s API, under the name that Studio calls it by', async () => {
    const { heard } = await ask({ target: '/v1/databases/notes', headers: { 'X-Appwrite-Project': 'p', 'X-Appwrite-Key': 'k' } });
    expect([heard?.name, heard?.url, heard?.headers.host, heard?.headers['x-appwrite-key']]).toEqual(['appwrite', '/v1/databases/notes', 'appwrite', 'k']);
    expect((await ask({ target: '/v1/realtime?project=p' })).heard?.name).toBe('realtime');
  });

  it('leads to nothing that is not the API', async () => {
    for (const target of ['/', '/api/v1/projects', '/metrics', '/config/']) expect([target, await ask({ target })]).toEqual([target, { status: 404, heard: undefined }]);
  });

  it.each([
    ['/console', {}],
    ['/v1/console', {}],
    ['/v1/console/variables', {}],
    ['/v1/projects', {}],
    ['/v1/projects/p/keys', {}],
    ['/v1/organization/projects', {}],
    ['/v1/account', { 'X-Appwrite-Project': 'console' }],
    ['/v1/account', { 'x-appwrite-project': 'console' }],
    ['/v1/users', { 'X-Appwrite-Project': 'p', 'X-Appwrite-Mode': 'admin' }],
    ['/v1/account?project=console', {}],
    ['/v1/storage/buckets/b/files/f/view?project=p&mode=admin', {}],
    ['/v1/realtime?project=console', {}],
  ])('keeps the administration of Appwrite inside: %s %o', async (target, headers) => {
    expect(await ask({ target, headers })).toEqual({ status: 404, heard: undefined });
  });

  it('refuses a request that is not encrypted', async () => {
    const { status, text } = await askInPlain(inside, 'apps-gateway', '/v1/databases');
    expect([status, text]).toEqual([400, expect.stringContaining('HTTPS server')]);
  });

  it('is refused by the app when somebody else answers in its place, with a certificate of this installation', async () => {
    const [key, cert] = await Promise.all(['server.key', 'server.crt'].map((name) => readFile(path.join(certificates.folder, 'redis', name))));
    const port = await anyFreePort();
    const impostor = createServer({ key, cert }, (_, response) => response.end('{}')).listen(port, '127.0.0.1');
    await expect(ask({ target: '/v1/databases', port })).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    impostor.close();
  });

  it('is refused by the app when nobody vouches for it', async () => {
    await expect(ask({ target: '/v1/databases', ca: '' })).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });
});

describe('the gateway of apps, from outside', () => {
  it('leads a visitor to the app, and to no Appwrite', async () => {
    const { text } = await askInPlain(outside, `app-1.localhost:${outside}`, '/v1/databases');
    expect(JSON.parse(text)).toMatchObject({ name: 'app', url: '/v1/databases' });
    expect((await askInPlain(outside, `apps-gateway:${outside}`, '/v1/databases')).text).toBe('');
  });
});
