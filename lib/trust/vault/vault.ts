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
  /** Ids of the configured key-encryption keys; the first one seals, all of them open. */
  readonly keyIds: readonly [string, ...string[]];
  /** Seals a platform secret that belongs to no organization. `purpose` is authenticated. */
  sealPlatform(purpose: string, plaintext: string): string;
  openPlatform(purpose: string, sealed: string): string;
  /** Makes and stores the first data key of a new organization. */
  createDataKey(tx: TenantTx, organizationId: string): Promise<void>;
  /**
   * Brings the data keys of an organization under the first key-encryption key. If one of them seals, a new one takes
   * its place and the others are retired: whoever held the earlier key-encryption key may know them. Answers how many
   * were sealed anew. One transaction at a time may do this for an organization.
   */
  renewDataKeys(tx: TenantTx, organizationId: string): Promise<number>;
  seal(tx: TenantTx, organizationId: string, place: Place, plaintext: string): Promise<string>;
  open(tx: TenantTx, organizationId: string, place: Place, sealed: string): Promise<string>;
  /** A key for another purpose (32 bytes), derived from the key-encryption key of that id. */
  derive(purpose: string, keyId: string): Buffer;
}

/** `keys`: the first one writes, all of them read. */
export function createVault(keys: readonly EncryptionKey[]): Vault {
  const [writing] = keys;
  if (writing === undefined) throw new Error('at least one encryption key is needed');
  // Unwrapped keys of organizations in use; bounded, and never written anywhere.
  const dataKeys = new LRUCache<string, Buffer>({ max: 5_000 });

  const keyIds: readonly [string, ...string[]] = [writing.id, ...keys.slice(1).map(({ id }) => id)];

  function keyById(id: string): Buffer {
    const found = keys.find((key) => key.id === id);
    if (found === undefined) throw new Error(`the encryption key ${id} is not configured`);
    return found.key;
  }

  function sealPlatform(purpose: string, plaintext: string): string {
    const [id] = keyIds;
    return `p1.${id}.${seal(keyById(id), Buffer.from(plaintext), `platform|${purpose}|${id}`)}`;
  }

  function openPlatform(purpose: string, sealed: string): string {
    const [id, body] = partsOf(sealed, 'p1');
    return unseal(keyById(id), body, `platform|${purpose}|${id}`).toString('utf8');
  }

  /** Locked until the caller's value is committed: a key that somebody seals with cannot be destroyed meanwhile. */
  async function newestKey(tx: TenantTx, organizationId: string): Promise<DataKey> {
    const [row] = await tx.query<{ version: number; sealed_key: string }>(
      `select version, sealed_key from organization_keys
        where organization_id = $1 and retired_at is null order by version desc limit 1 for key share`,
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

  async function insertKey(tx: TenantTx, organizationId: string, version: number): Promise<void> {
    const sealedKey = sealPlatform(dataKeyPurpose(organizationId, version), randomBytes(32).toString('base64'));
    await tx.query('insert into organization_keys (organization_id, version, sealed_key) values ($1, $2, $3)', [organizationId, version, sealedKey]);
  }

  return {
    keyIds,
    sealPlatform,
    openPlatform,
    createDataKey: (tx, organizationId) => insertKey(tx, organizationId, 1),
    async renewDataKeys(tx, organizationId) {
      const rows = await tx.query<{ version: number; sealed_key: string; retired: boolean }>(
        `select version, sealed_key, retired_at is not null as retired from organization_keys where organization_id = $1 order by version for no key update`,
        [organizationId],
      );
      const earlier = rows.filter(({ sealed_key: sealed }) => partsOf(sealed, 'p1')[0] !== writing.id);
      for (const { version, sealed_key: sealed } of earlier) {
        const purpose = dataKeyPurpose(organizationId, version);
        await tx.query('update organization_keys set sealed_key = $3 where organization_id = $1 and version = $2', [organizationId, version, sealPlatform(purpose, openPlatform(purpose, sealed))]);
      }
      if (earlier.some(({ retired }) => !retired)) {
        await tx.query('update organization_keys set retired_at = clock_timestamp() where organization_id = $1 and retired_at is null', [organizationId]);
        await insertKey(tx, organizationId, Math.max(...rows.map(({ version }) => version)) + 1);
      }
      return earlier.length;
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
    derive: (purpose, keyId) => Buffer.from(hkdfSync('sha256', keyById(keyId), '', `studio|${purpose}`, 32)),
  };
}

/** What authenticates a data key: its organization and its version. */
export function dataKeyPurpose(organizationId: string, version: number): string {
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
