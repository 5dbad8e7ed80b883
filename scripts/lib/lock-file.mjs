import { readJson } from './files.mjs';

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32', 'windows'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];

/** Optional packages, of other platforms mostly, that a package of the lock names and the lock lacks. */
export async function missingOptionalPackages(lockPath) {
  const { packages } = await readJson(lockPath);
  const missing = [];
  for (const [parent, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isResolvable(packages, parent, name, exactVersion(range))) missing.push({ parent, name, version: exactVersion(range) });
    }
  }
  return missing;
}

/** Where such a package goes: to the top, or below its parent when another version is there. */
export function locationFor(packages, { parent, name }) {
  const top = `node_modules/${name}`;
  return packages[top] === undefined ? top : `${parent}/${top}`;
}

/** What the lock says of such a package: enough for npm to leave it out on any other platform. */
export function entryFor({ name, version }) {
  const words = name.split('/').at(-1).split(/[-.]/);
  const system = words.find((word) => SYSTEMS.includes(word));
  const processor = words.map((word) => (word === 'aarch64' ? 'arm64' : word)).find((word) => PROCESSORS.includes(word));
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return {
    version,
    ...(processor ? { cpu: [processor] } : {}),
    ...(libc ? { libc: [libc] } : {}),
    optional: true,
    ...(system ? { os: [system === 'windows' ? 'win32' : system] } : {}),
  };
}

/** Looks where Node would: in the parent's own folder, then in each folder above. */
function isResolvable(packages, parent, name, version) {
  for (let folder = parent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const found = packages[`${folder}${folder === '' ? '' : '/'}node_modules/${name}`];
    if (found) return found.version === version;
    if (folder === '') return false;
  }
}

function exactVersion(range) {
  return range.replace(/^[\^~=v]+/, '');
}
