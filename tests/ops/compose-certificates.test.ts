import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCompose } from '../support/compose';
import { makeCertificates, namesOf, runCertificates, type Certificates } from './certificates';

let made: Certificates;
let targets: string[];
const uid = process.getuid?.() ?? 0;

const file = (...parts: string[]) => path.join(made.folder, ...parts);
const certificate = async (name: string) => new X509Certificate(await readFile(file(name, 'server.crt')));
const again = () => runCertificates([made.folder, ...targets]);

async function everything(): Promise<Record<string, string>> {
  const names = (await readdir(made.folder, { recursive: true })).filter((name) => /\.(crt|key)$/.test(name)).toSorted();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(file(name), 'utf8')])));
}

function openssl(...args: string[]): Promise<{ stdout: string }> {
  return promisify(execFile)('openssl', args);
}

/** A certificate by the authority's own key for a name that it may not speak for, as a thief of the key would make it. */
async function forge(name: string): Promise<string> {
  const [settings, key, request, forged] = [file('forged.cnf'), file('forged.key'), file('forged.csr'), file('forged.crt')];
  await writeFile(settings, `[extensions]\nsubjectAltName = ${name}\n`);
  await openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-subj', '/O=forged', '-out', request);
  await openssl('x509', '-req', '-in', request, '-CA', made.authority, '-CAkey', file('authority/ca.key'), '-extfile', settings, '-extensions', 'extensions', '-out', forged);
  return forged;
}

beforeEach(async () => {
  const { compose } = await readCompose();
  targets = namesOf(compose).map((name) => `${name}:${uid}`);
  made = await makeCertificates(compose, uid);
});

afterEach(async () => {
  await made.remove();
});

describe('the certificates of docker-compose.yml', () => {
  it('name each server and nothing else, and are signed by the authority', async () => {
    const authority = new X509Certificate(await readFile(made.authority));
    for (const name of ['postgres', 'redis', 'apps-gateway']) {
      const own = await certificate(name);
      expect([own.subjectAltName, own.verify(authority.publicKey), own.ca]).toEqual([`DNS:${name}`, true, false]);
      expect(own.checkHost('other')).toBeUndefined();
    }
    expect(authority.ca).toBe(true);
  });

  it('have keys that their owner alone reads', async () => {
    const keys = Object.keys(await everything()).filter((name) => name.endsWith('.key'));
    expect(keys).toEqual(['apps-gateway/server.key', 'authority/ca.key', 'postgres/server.key', 'redis/server.key']);
    for (const key of keys) expect([key, (await stat(file(key))).mode & 0o777]).toEqual([key, 0o600]);
    expect((await stat(made.authority)).mode & 0o777).toBe(0o644);
  });

  it('belong to the account that the server runs as', async () => {
    // Giving files away takes root; elsewhere the one account that there is owns them.
    const other = uid === 0 ? 998 : uid;
    await rm(file('redis'), { recursive: true });
    await runCertificates([made.folder, ...targets.map((target) => (target.startsWith('redis:') ? `redis:${other}` : target))]);
    expect([(await stat(file('redis/server.key'))).uid, (await stat(file('postgres/server.key'))).uid]).toEqual([other, uid]);
  });

  it('stay as they are at every further start', async () => {
    const before = await everything();
    expect(await again()).toBe('');
    expect(await everything()).toEqual(before);
  });

  it.each(['redis/server.key', 'redis/server.crt'])('are made again for the one server whose %s is gone', async (gone) => {
    const before = await everything();
    await rm(file(gone));
    expect(await again()).toBe('made a certificate for redis\n');
    const after = await everything();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(['redis/server.crt', 'redis/server.key']);
  });

  it('are made again when a key does not belong to its certificate', async () => {
    await writeFile(file('redis/server.key'), await readFile(file('postgres/server.key')));
    expect(await again()).toBe('made a certificate for redis\n');
    expect((await certificate('redis')).checkPrivateKey(createPrivateKey(await readFile(file('redis/server.key'))))).toBe(true);
  });

  it('are made again in the year in which they end', async () => {
    const settings = file('short.cnf');
    await writeFile(settings, '[extensions]\nbasicConstraints = critical,CA:FALSE\nextendedKeyUsage = serverAuth\nsubjectAltName = DNS:redis\n');
    const request = file('short.csr');
    await openssl('req', '-new', '-key', file('redis/server.key'), '-subj', '/CN=redis', '-out', request);
    const sign = (days: number) =>
      openssl('x509', '-req', '-in', request, '-CA', made.authority, '-CAkey', file('authority/ca.key'), '-extfile', settings, '-extensions', 'extensions', '-days', String(days), '-out', file('redis/server.crt'));
    await sign(400);
    expect(await again()).toBe('');
    await sign(300);
    expect(await again()).toBe('made a certificate for redis\n');
  });

  it('outlive a new authority certificate, because the key stays', async () => {
    const before = await everything();
    await rm(made.authority);
    expect(await again()).toMatch(/^made an authority for [^\n]+\n$/);
    const after = await everything();
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(['ca/ca.crt']);
  });

  it.each(['DNS:api.example.com', 'DNS:localhost', 'IP:127.0.0.1'])('cannot be forged for %s even with the authority\'s key', async (name) => {
    await expect(openssl('verify', '-CAfile', made.authority, await forge(name))).rejects.toThrow(/(permitted|excluded) subtree violation/);
    await expect(openssl('verify', '-CAfile', made.authority, await forge('DNS:redis'))).resolves.toMatchObject({ stdout: expect.stringContaining('OK') });
  });

  it('are refused with what to write instead when nobody is named', async () => {
    await expect(runCertificates([made.folder])).rejects.toThrow(/for example \/tls postgres:999/);
    await expect(runCertificates([made.folder, 'redis'])).rejects.toThrow(/<service>:<uid>/);
  });
});
