import type { IncomingHttpHeaders } from 'node:http';
import { decidingName, decodeForm } from './parameter-name';
import { noSuchProject, Refusal } from './refusal';

export interface Admitted {
  /** Null only for a browser's preflight, which names none. */
  project: string | null;
  /** As it came, and already found harmless. */
  path: string;
  /** With its question mark, or empty. */
  query: string;
}

interface Asked {
  method: string;
  /** The request target: path and query. */
  target: string;
  headers: IncomingHttpHeaders;
}

const projectId = /^[a-z0-9][a-z0-9-]{0,35}$/;
/** Providers come back to an address that names the project in its path. */
const providerReturn = /^\/v1\/account\/(?:sessions|tokens)\/oauth2\/callback\/[^/]+\/([^/]+)$/;
const administration = /^\/v1\/(projects|console|organization)/i;

/** Decides by the head of a request alone. Throws a refusal for what is not for apps. */
export function admit({ method, target, headers }: Asked): Admitted {
  const split = target.indexOf('?');
  const path = split < 0 ? target : target.slice(0, split);
  const query = split < 0 ? '' : target.slice(split);
  demandPlainPath(path);
  if (administration.test(decodePath(path))) throw forbidden();
  const named = readQuery(query);
  demandAppMode([...named.mode, headers['x-appwrite-mode']]);
  demandProjectKey(headers['x-appwrite-key']);
  const project = one([...named.project, headers['x-appwrite-project'], providerReturn.exec(path)?.[1]]);
  if (project === undefined) {
    if (method === 'OPTIONS') return { project: null, path, query };
    throw new Refusal('project_id_missing', 'Name your project: send its ID as the header X-Appwrite-Project, or as the parameter project in the address.');
  }
  if (project.toLowerCase() === 'console') throw forbidden();
  if (!projectId.test(project)) throw noSuchProject();
  return { project, path, query };
}

function forbidden(): Refusal {
  return new Refusal('general_access_forbidden', 'Projects are administered in Studio, not here. Use your own project and a key or session of it.');
}

/** One spelling for each address, so that what was checked is what Appwrite serves. */
function demandPlainPath(path: string): void {
  const dotSegment = path.replaceAll(/%2e/gi, '.').split('/').some((segment) => segment === '.' || segment === '..');
  if (dotSegment || /\/\/|\\|#|[^\x21-\x7e]|%(25)*(2f|5c|00)|%25(25)*2e/i.test(path)) {
    throw new Refusal('general_argument_invalid', 'The path of this address is not plain: send it without dot segments, empty segments, encoded slashes and control characters.');
  }
}

function decodePath(path: string): string {
  return decodeForm(path.replaceAll('+', '%2b'));
}

function readQuery(query: string): { project: string[]; mode: string[] } {
  const found: { project: string[]; mode: string[] } = { project: [], mode: [] };
  for (const pair of query.slice(1).split('&')) {
    const [written = '', ...value] = pair.split('=');
    const name = decodeForm(written);
    const meant = decidingName(name);
    if (meant === undefined) continue;
    if (name !== meant) throw new Refusal('general_argument_invalid', `Write the parameter ${meant} plainly, and once.`);
    found[name === 'project' ? 'project' : 'mode'].push(decodeForm(value.join('=')));
  }
  return found;
}

function one(values: readonly (string | string[] | undefined)[]): string | undefined {
  const different = new Set(values.flat().filter((value) => value !== undefined && value !== ''));
  if (different.size > 1) throw new Refusal('general_argument_invalid', 'This request names several projects. Name one.');
  return [...different][0];
}

function demandAppMode(modes: readonly (string | string[] | undefined)[]): void {
  if (modes.flat().some((mode) => mode !== undefined && mode !== '' && mode !== 'default')) throw forbidden();
}

/** Keys of accounts and organizations administer; those of projects carry their own scopes. */
function demandProjectKey(key: string | string[] | undefined): void {
  if (/^\s*(account|organization)_/i.test(String(key ?? ''))) throw forbidden();
}
