// Makes what the services of docker-compose.yml speak TLS with: an authority of their own at the first start, and a
// certificate for each server. It runs at every start and changes nothing while all of it is good for another year.
//
//   node scripts/compose-certificates.mjs <folder> <service>:<uid that its server runs as> …
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const [folder, ...targets] = process.argv.slice(2);
const servers = targets.map((target) => /^([a-z0-9-]+):(\d+)$/.exec(target));
if (folder === undefined || servers.length === 0 || servers.includes(null)) {
  console.error('Say where and for whom: node scripts/compose-certificates.mjs <folder> <service>:<uid> …, for example /tls postgres:999');
  process.exit(2);
}

const YEAR = 365;
const NO_ADDRESSES = ['excluded;IP:0.0.0.0/0.0.0.0', 'excluded;IP:::/::'];
const renewBefore = String(YEAR * 24 * 60 * 60);
const authorityKey = path.join(folder, 'authority/ca.key');
const authority = path.join(folder, 'ca/ca.crt');
const names = servers.map(([, name]) => name);
const scratch = await mkdtemp(path.join(tmpdir(), 'certificates-'));

try {
  if (!(await authorityIsGood())) await makeAuthority();
  for (const [, name, uid] of servers) {
    if (!(await serverIsGood(name))) await makeServer(name, Number(uid));
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Whether its certificate lasts and belongs to its key, and it may sign for exactly the names that are asked for. */
async function authorityIsGood() {
  const constraints = await openssl('x509', '-in', authority, '-noout', '-ext', 'nameConstraints');
  const allowed = [...(constraints ?? '').matchAll(/DNS:([^\s,]+)/g)].map(([, name]) => name);
  const fits = allowed.length === names.length && names.every((name) => allowed.includes(name));
  return fits && (await lasts(authority)) && (await matches(authority, authorityKey));
}

async function makeAuthority() {
  const key = (await openssl('pkey', '-in', authorityKey, '-noout')) === undefined ? await newKey() : authorityKey;
  const request = await config({ distinguished_name: 'subject', x509_extensions: 'extensions', prompt: 'no' }, {
    subject: { CN: 'Studio: between the services of this installation' },
    extensions: {
      basicConstraints: 'critical,CA:TRUE,pathlen:0',
      keyUsage: 'critical,keyCertSign',
      subjectKeyIdentifier: 'hash',
      // Whoever trusts it trusts it for these services and for nothing in the world outside.
      nameConstraints: ['critical', ...names.map((name) => `permitted;DNS:${name}`), ...NO_ADDRESSES].join(','),
    },
  });
  const certificate = path.join(scratch, 'ca.crt');
  await mustOpenssl('req', '-x509', '-new', '-key', key, '-config', request, '-days', String(10 * YEAR), '-out', certificate);
  if (key !== authorityKey) await put(key, authorityKey, 0o600);
  await put(certificate, authority, 0o644);
  console.log(`made an authority for ${names.join(', ')}`);
}

async function serverIsGood(name) {
  const { key, certificate } = filesOf(name);
  const verified = await openssl('verify', '-CAfile', authority, '-purpose', 'sslserver', '-verify_hostname', name, certificate);
  return verified !== undefined && (await lasts(certificate)) && (await matches(certificate, key));
}

async function makeServer(name, uid) {
  const files = filesOf(name);
  const key = await newKey();
  const certificate = path.join(scratch, `${name}.crt`);
  const request = path.join(scratch, `${name}.csr`);
  const settings = await config({ distinguished_name: 'subject', prompt: 'no' }, {
    subject: { CN: name },
    extensions: {
      basicConstraints: 'critical,CA:FALSE',
      keyUsage: 'critical,digitalSignature',
      extendedKeyUsage: 'serverAuth',
      subjectAltName: `DNS:${name}`,
    },
  });
  await mustOpenssl('req', '-new', '-key', key, '-config', settings, '-out', request);
  const signed = ['-CA', authority, '-CAkey', authorityKey, '-extfile', settings, '-extensions', 'extensions', '-days', String(5 * YEAR)];
  await mustOpenssl('x509', '-req', '-in', request, ...signed, '-out', certificate);
  await put(key, files.key, 0o600, uid);
  await put(certificate, files.certificate, 0o644, uid);
  console.log(`made a certificate for ${name}`);
}

function filesOf(name) {
  return { key: path.join(folder, name, 'server.key'), certificate: path.join(folder, name, 'server.crt') };
}

async function newKey() {
  const file = path.join(scratch, 'new.key');
  await mustOpenssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file);
  return file;
}

async function lasts(certificate) {
  return (await openssl('x509', '-in', certificate, '-noout', '-checkend', renewBefore)) !== undefined;
}

/** A start that was cut short can leave a new key beside an old certificate. */
async function matches(certificate, key) {
  const certified = await openssl('x509', '-in', certificate, '-noout', '-pubkey');
  return certified !== undefined && certified === (await openssl('pkey', '-in', key, '-pubout'));
}

/** Owner and mode are right before the file has its name, so that nobody else ever reads a key. */
async function put(from, to, mode, uid = process.getuid()) {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o755 });
  const temporary = `${to}.new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, await readFile(from), { mode: 0o600 });
  await chmod(temporary, mode);
  await chown(temporary, uid, -1);
  await rename(temporary, to);
}

async function config(request, sections) {
  const file = path.join(scratch, 'openssl.cnf');
  const text = Object.entries({ req: request, ...sections }).map(([name, entries]) => [`[${name}]`, ...Object.entries(entries).map(([key, value]) => `${key} = ${value}`)].join('\n'));
  await writeFile(file, `${text.join('\n\n')}\n`);
  return file;
}

/** What it prints, or undefined when it says no. */
async function openssl(...args) {
  return mustOpenssl(...args).catch((error) => {
    if (error.code === 'ENOENT') throw new Error('openssl is not installed: install the package "openssl"', { cause: error });
    return undefined;
  });
}

async function mustOpenssl(...args) {
  const { stdout } = await promisify(execFile)('openssl', args);
  return stdout;
}
