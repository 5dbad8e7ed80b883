import { readFile } from 'node:fs/promises';
import { run } from './processes.mjs';

const OWN_USER = 'studio-postgres';

/**
 * Postgres refuses to run as root. As root, this finds the unprivileged account that runs it
 * (an existing `postgres`, else one of our own, made when missing). Not as root: undefined.
 * @returns {Promise<{ name: string, uid: number, gid: number } | undefined>}
 */
export async function postgresUser() {
  if (process.getuid?.() !== 0) return undefined;
  const existing = (await findUser('postgres')) ?? (await findUser(OWN_USER));
  if (existing) return existing;
  const attempts = [
    ['useradd', ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', '--user-group', OWN_USER]],
    ['adduser', ['-S', '-D', '-H', '-h', '/nonexistent', '-s', '/sbin/nologin', OWN_USER]],
  ];
  const failures = [];
  for (const [command, args] of attempts) {
    const failure = await run(command, args).then(
      (result) => (result.code === 0 ? undefined : result.output),
      (error) => error.message,
    );
    const made = await findUser(OWN_USER);
    if (made) return made;
    failures.push([command, failure].filter(Boolean).join(': '));
  }
  throw new Error(
    `Postgres does not run as root, and no unprivileged account could be made (${failures.join('; ')}). ` +
      `Make one with "useradd --system ${OWN_USER}", or run as an ordinary user.`,
  );
}

async function findUser(name) {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  const fields = lines.map((line) => line.split(':')).find((entry) => entry[0] === name);
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  return fields && uid > 0 ? { name, uid, gid } : undefined;
}

/** True when the account can enter the folder, all its parents included. */
export async function canEnter(user, folder) {
  const { code } = await run('/bin/sh', ['-c', 'cd -- "$0"', folder], { user, cwd: '/' });
  return code === 0;
}
