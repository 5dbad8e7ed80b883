import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/chromium';
import { startPgBouncer } from '../support/pgbouncer';
import { testDatabase, withClient } from '../support/postgres';
import { ownRedis } from '../support/redis';

describe('the real servers that tests use', () => {
  it('Redis keeps a value, hangs when paused, and is empty after kill -9 and a new start', async () => {
    const redis = await ownRedis();
    const client = new Redis(redis.url, { commandTimeout: 200, maxRetriesPerRequest: 1 });
    try {
      await client.set('k', 'v');
      expect(await client.get('k')).toBe('v');
      redis.pause();
      await expect(client.get('k')).rejects.toThrow(/timed out/);
      redis.resume();
      await redis.kill();
      await redis.start();
      const fresh = new Redis(redis.url);
      expect(await fresh.get('k')).toBeNull();
      fresh.disconnect();
    } finally {
      client.disconnect();
      await redis.stop();
    }
  });

  it('PgBouncer pools transactions: one server connection serves several clients', async () => {
    const database = await testDatabase();
    const pooler = await startPgBouncer(database.appUrl, { poolSize: 1 });
    const backend = () => withClient(pooler.url, async (client) => {
      const { rows } = await client.query<{ pid: number; user: string }>('select pg_backend_pid() as pid, current_user as user');
      return rows[0];
    });
    try {
      const [first, second] = await Promise.all([backend(), backend()]);
      expect(first).toEqual(second);
      expect(first?.user).toBe('studio_app');
    } finally {
      await pooler.stop();
      await database.drop();
    }
  });

  it('Chromium renders a page and runs its script', async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.setContent('<p id="p"></p><script>document.querySelector("#p").textContent = String(6 * 7)</script>');
      expect(await page.textContent('#p')).toBe('42');
    } finally {
      await browser.close();
    }
  });
});
