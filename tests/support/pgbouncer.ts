import { spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { postgresUser } from '../../scripts/lib/postgres-user.mjs';
import { configured, ensureProgram } from '../../scripts/lib/programs.mjs';
import { withClient } from './postgres';
import { waitFor } from './wait-for';

export interface TestPgBouncer {
  /** The database of `target` through the pooler, as the same role. */
  url: string;
  stop(): Promise<void>;
}

/** A real PgBouncer in transaction mode in front of one database, with few server connections. */
export async function startPgBouncer(target: string, { poolSize = 3 } = {}): Promise<TestPgBouncer> {
  const program = configured('PGBOUNCER_PATH') ?? (await ensureProgram('pgbouncer'));
  const user = await postgresUser();
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-pgbouncer-'));
  const port = await anyFreePort();
  const files = configuration(new URL(target), { folder, port, poolSize });
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text, { mode: 0o600 });
  if (user) {
    await chmod(folder, 0o700);
    for (const name of ['', ...Object.keys(files)]) await chown(path.join(folder, name), user.uid, user.gid);
  }
  const server = spawn(program, ['-q', path.join(folder, 'pgbouncer.ini')], {
    stdio: 'ignore',
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  await waitFor(() => withClient(url.href, (client) => client.query('select 1')).then(Boolean, () => false), {
    what: `PgBouncer on port ${port}`,
  });
  return {
    url: url.href,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(target: URL, { folder, port, poolSize }: { folder: string; port: number; poolSize: number }): Record<string, string> {
  const database = target.pathname.slice(1);
  const ini = `[databases]
${database} = host=${target.hostname} port=${target.port} dbname=${database}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${path.join(folder, 'users.txt')}
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
server_login_retry = 1
ignore_startup_parameters = extra_float_digits
`;
  return { 'pgbouncer.ini': ini, 'users.txt': `"${target.username}" "${target.password}"\n` };
}
