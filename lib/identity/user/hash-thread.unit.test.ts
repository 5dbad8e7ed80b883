import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createHashThread } from './hash-thread';

const settings = { algorithm: 2, memoryCost: 1024, timeCost: 1, parallelism: 1 };

/** Niceness of each thread of this process, out of `/proc`; see proc_pid_stat(5). */
function niceness(): number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const [, fields = ''] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ');
    return Number(fields.split(' ')[16]);
  });
}

describe('the hashing thread', () => {
  it('hashes and verifies, and tells a wrong password from a failure', async () => {
    const thread = createHashThread();
    const stored = await thread.hash('a-long-Enough-phrase-7', settings);
    expect(await thread.verify(stored, 'a-long-Enough-phrase-7')).toBe(true);
    expect(await thread.verify(stored, 'another-phrase')).toBe(false);
    await expect(thread.verify('not a hash', 'x')).rejects.toThrow('Decoding failed');
  });

  it.each(process.platform === 'linux' ? ['the lowest priority'] : [])('has %s', async () => {
    const thread = createHashThread();
    await thread.hash('a-long-Enough-phrase-7', settings);
    expect(niceness()).toContain(19);
  });
});
