import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { LogBook } from '@/lib/local-cloud/railway/logs';
import { openPlace } from '@/lib/local-cloud/railway/place';
import { bootMark, endNoted, endStrays, endUser, MARK, startMark } from '@/lib/local-cloud/railway/processes';
import { App, type AppInput } from '@/lib/local-cloud/railway/run';
import { freshSettings } from '@/lib/local-cloud/railway/state';
import { isGone, ownSleep } from './host-processes';

const me = process.getuid?.() ?? -1;
const started: Array<ReturnType<typeof spawn>> = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(env: Record<string, string> = {}) {
  const child = spawn('sleep', ['600'], { detached: true, env: { NODE_ENV: 'test', PATH: '/usr/bin:/bin', ...env } });
  started.push(child);
  return child;
}

describe('a process that was noted', () => {
  it('is ended when number, start time and boot are the same', async () => {
    const child = start();
    const noted = { pid: child.pid ?? 0, mark: (await startMark(child.pid ?? 0)) ?? '', boot: await bootMark() };
    expect(await endNoted({ ...noted, boot: 'another boot' })).toBe(false);
    expect(await endNoted({ ...noted, mark: '1' })).toBe(false);
    expect(child.exitCode ?? child.signalCode).toBeNull();
    expect(await endNoted(noted)).toBe(true);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });
});

describe('strays', () => {
  it('are told by the secret of their stand-in, not by ids that others may know', async () => {
    const [ours, theirs, named] = [start({ [MARK]: 'secret.one' }), start({ [MARK]: 'other.one' }), start({ RAILWAY_DEPLOYMENT_ID: 'secret.one' })];
    // The environment is there once the program runs.
    await sleep(200);
    await endStrays({ uid: me, value: 'secret.' });
    if (process.platform === 'linux') await expect.poll(() => ours.signalCode).toBe('SIGKILL');
    for (const child of [theirs, named]) expect(child.signalCode).toBeNull();
  });
});

describe('the processes of a user', () => {
  it('are never ended when it is this one, or root', async () => {
    await expect(endUser(me)).rejects.toThrow('not ours to end');
    await expect(endUser(0)).rejects.toThrow('not ours to end');
  });

  it.for(process.platform === 'linux' && me === 0 ? [59_999] : [])('of number %i are gone at once, and nobody is asked again and again where there are none', async (uid) => {
    const child = spawn('sh', ['-c', 'setsid sleep 600 & setsid sleep 600 & sleep 600'], { uid, gid: uid, env: { NODE_ENV: 'test', PATH: '/usr/bin:/bin' } });
    started.push(child);
    await expect.poll(() => ofUser(uid)).toHaveLength(4);
    await endUser(uid);
    expect(await ofUser(uid)).toEqual([]);
    const beganMs = performance.now();
    for (let n = 0; n < 5; n += 1) await endUser(uid);
    // A hundred times five shells would take seconds.
    expect(performance.now() - beganMs).toBeLessThan(1_500);
  });
});

/** Those that have not ended. */
async function ofUser(uid: number): Promise<string[]> {
  const found = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(async (name) => {
    const owner = await stat(`/proc/${name}`).then((each) => each.uid, () => undefined);
    return owner === uid && !(await readFile(`/proc/${name}/stat`, 'utf8').catch(() => ') Z ')).includes(') Z ') ? name : [];
  }));
  return found.flat();
}

describe('an app whose notes cannot be kept', () => {
  it('is given up, and nothing else fails with it', async () => {
    const line = ownSleep();
    const book = new LogBook();
    let crashes = 0;
    const input: AppInput = {
      command: `exec ${line}`, cwd: '/', env: { PATH: '/usr/bin:/bin' }, book, settings: freshSettings(), backoffMs: 10,
      open: () => Promise.resolve({ place: openPlace(undefined), connect: () => Promise.reject(new Error('closed')), watch: () => undefined, lost: new Promise(() => undefined), close: () => undefined }),
      tidy: () => Promise.resolve(),
      onProcess: () => Promise.reject(new Error('no space left on device')),
      onCrashed: () => { crashes += 1; },
    };
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', note);
    try {
      const app = new App(input);
      expect(await app.ready(5000, new AbortController().signal)).toBe('crashed');
      await app.end(0);
      await expect.poll(() => isGone(line)).toBe(true);
      expect(crashes).toBe(1);
      expect(book.read({}).map(({ message }) => message)).toEqual(['The app cannot be watched over; it is given up.']);
      await sleep(20);
      expect(rejections).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});
