import { hkdfSync, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { TenantTx } from '@/db/platform/client';
import { seal, unseal } from './seal';

/** Where a sealed value lives; part of what is authenticated. `row` is the row's uuid. */
export interface Place {
  table: string;
  row: string;
  column: string;
}

export interface EncryptionKey {
  id: string;
  key: Buffer;
}

interface DataKey {
  version: number;
  key: Buffer;
}

/**
 * Two layers: the key-encryption keys of the environment seal one data key for each organization, and the
 * data keys seal the secrets. Every sealed text names its key, so that keys can be replaced one by one.
 */
export interface Vault {
  /** Seals a platform secret that belongs to no organization. `purpose` is authenticated. */
  sealPlatform(purpose: string, plaintext: string): string;
  openPlatform(purpose: string, sealed: string): string;
  /** Makes and stores the first data key of a new organization. */
  createDataKey(tx: TenantTx, organizationId: string): Promise<void>;
  seal(tx: TenantTx, organizationId: string, place: Place, plaintext: string): Promise<string>;
  open(tx: TenantTx, organizationId: string, place: Place, sealed: string): Promise<string>;
  /** A key for another purpose, derived from the first key-encryption key (32 bytes). */
  derive(purpose: string): Buffer;
}

/** `keys`: the first one writes, all of them read. */
export function createVault(keys: readonly EncryptionKey[]): Vault {
  const [writing] = keys;
  if (writing === undefined) throw new Error('at least one encryption key is needed');
  // Unwrapped keys of organizations in use; bounded, and never written anywhere.
  const dataKeys = new LRUCache<string, Buffer>({ max: 5_000 });

  function keyById(id: string): Buffer {
    const found = keys.find((key) => key.id === id);
    if (found === undefined) throw new Error(`the encryption key ${id} is not configured`);
    return found.key;
  }

  function sealPlatform(purpose: string, plaintext: string): string {
    const context = `platform|${purpose}|${writing?.id}`;
    return `p1.${writing?.id}.${seal(keyById(writing?.id ?? ''), Buffer.from(plaintext), context)}`;
  }

  function openPlatform(purpose: string, sealed: string): string {
    const [id, body] = partsOf(sealed, 'p1');
    return unseal(keyById(id), body, `platform|${purpose}|${id}`).toString('utf8');
  }

  async function newestKey(tx: TenantTx, organizationId: string): Promise<DataKey> {
    const [row] = await tx.query<{ version: number; sealed_key: string }>(
      `select version, sealed_key from organization_keys
        where organization_id = $1 and retired_at is null order by version desc limit 1`,
      [organizationId],
    );
    if (row === undefined) throw new Error('the organization has no data key');
    return { version: row.version, key: unwrap(organizationId, row.version, row.sealed_key) };
  }

  async function keyOfVersion(tx: TenantTx, organizationId: string, version: number): Promise<Buffer> {
    const known = dataKeys.get(`${organizationId}|${version}`);
    if (known !== undefined) return known;
    const [row] = await tx.query<{ sealed_key: string }>(
      'select sealed_key from organization_keys where organization_id = $1 and version = $2',
      [organizationId, version],
    );
    if (row === undefined) throw new Error('the data key is gone: what it sealed can no longer be read');
    return unwrap(organizationId, version, row.sealed_key);
  }

  function unwrap(organizationId: string, version: number, sealedKey: string): Buffer {
    const key = Buffer.from(openPlatform(dataKeyPurpose(organizationId, version), sealedKey), 'base64');
    dataKeys.set(`${organizationId}|${version}`, key);
    return key;
  }

  return {
    sealPlatform,
    openPlatform,
    async createDataKey(tx, organizationId) {
      const sealedKey = sealPlatform(dataKeyPurpose(organizationId, 1), randomBytes(32).toString('base64'));
      await tx.query('insert into organization_keys (organization_id, version, sealed_key) values ($1, 1, $2)', [organizationId, sealedKey]);
    },
    async seal(tx, organizationId, place, plaintext) {
      const { version, key } = await newestKey(tx, organizationId);
      return `d1.${version}.${seal(key, Buffer.from(plaintext), contextOf(organizationId, place, version))}`;
    },
    async open(tx, organizationId, place, sealed) {
      const [version, body] = partsOf(sealed, 'd1');
      const key = await keyOfVersion(tx, organizationId, Number(version));
      return unseal(key, body, contextOf(organizationId, place, Number(version))).toString('utf8');
    },
    derive: (purpose) => Buffer.from(hkdfSync('sha256', writing.key, '', `studio|${purpose}`, 32)),
  };
}

function dataKeyPurpose(organizationId: string, version: number): string {
  return `organization_keys|${organizationId}|${version}`;
}

function contextOf(organizationId: string, { table, row, column }: Place, version: number): string {
  return [organizationId, table, row, column, version].join('|');
}

function partsOf(sealed: string, format: string): [id: string, body: string] {
  const [found, id, body] = sealed.split('.');
  if (found !== format || id === undefined || body === undefined) throw new Error('not a sealed value of this format');
  return [id, body];
}
