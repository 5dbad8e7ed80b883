import type { ClientBase } from 'pg';
import { appRole, backupRole, jobsRole, systemRoles } from './relations';

interface Login {
  role: string;
  password: string;
}

/** Reads role and password of a login out of its connection URL. */
export function loginOf(url: string): Login {
  const parsed = new URL(url);
  return { role: decodeURIComponent(parsed.username), password: decodeURIComponent(parsed.password) };
}

/**
 * Creates the runtime roles when they are missing and resets what they must not be. The runtime login may
 * assume the system roles for a transaction (`SET LOCAL ROLE`) but inherits nothing from them.
 */
export async function ensureRoles(client: ClientBase, appUrl: string, jobsUrl: string): Promise<void> {
  const logins = [
    { ...loginOf(appUrl), expected: appRole },
    { ...loginOf(jobsUrl), expected: jobsRole },
  ];
  for (const { role, password, expected } of logins) {
    if (role !== expected) {
      throw new Error(`The connection URL must log in as ${expected}, not as ${role}. Change the user name in the URL.`);
    }
    await ensureRole(client, role, `login noinherit`);
    if (password !== '') await client.query(`alter role ${role} password ${client.escapeLiteral(password)}`);
    for (const [setting, value] of Object.entries(settings)) await client.query(`alter role ${role} set ${setting} = ${value}`);
  }
  for (const role of systemRoles) {
    await ensureRole(client, role, 'nologin noinherit');
    await client.query(`grant ${role} to ${appRole} with inherit false, set true`);
  }
}

/**
 * The role that copies the database. Row security would leave rows out of a copy without a word, so it passes by, and
 * reads what is made later too. Without a URL it cannot log in.
 */
export async function ensureBackupRole(client: ClientBase, backupUrl: string | undefined): Promise<void> {
  const login = backupUrl === undefined ? null : loginOf(backupUrl);
  if (login !== null && login.role !== backupRole) {
    throw new Error(`DATABASE_BACKUP_URL must log in as ${backupRole}, not as ${login.role}. Change the user name in the URL.`);
  }
  if (login?.password === '') throw new Error('DATABASE_BACKUP_URL has no password, and this login reads everything.');
  await ensureRole(client, backupRole, `${login === null ? 'nologin' : 'login'} bypassrls nosuperuser nocreatedb nocreaterole noreplication`);
  await client.query(`alter role ${backupRole} password ${login === null ? 'null' : client.escapeLiteral(login.password)}`);
  await client.query(`alter role ${backupRole} set default_transaction_read_only = on`);
  await client.query(`grant pg_read_all_data to ${backupRole} with inherit true, set false`);
}

const settings = {
  statement_timeout: `'15s'`,
  lock_timeout: `'5s'`,
  idle_in_transaction_session_timeout: `'15s'`,
  // A statement whose client has given up does not run on.
  client_connection_check_interval: `'1s'`,
  // A list of two names: in quotes it would be one name with a comma in it.
  search_path: 'public, pg_temp',
};

async function ensureRole(client: ClientBase, role: string, attributes: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  await client.query(`${rowCount === 0 ? 'create' : 'alter'} role ${role} ${attributes}`);
}
