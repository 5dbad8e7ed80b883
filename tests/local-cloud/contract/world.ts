import { isObject } from '@/lib/local-cloud/appwrite/params';
import type { Faults } from '@/lib/local-cloud/appwrite/faults';
import { KEY_SCOPES } from '@/lib/local-cloud/appwrite/scopes';

export interface Answer {
  /** Undefined when the connection broke or the deadline passed. */
  status: number | undefined;
  headers: Headers;
  text: string;
  json: unknown;
}

/** The people, keys and ids of one replay: what the recordings leave out because it is secret. */
export class World {
  readonly ids = new Map<string, string>();
  readonly sessions = new Map<string, string>();
  readonly jwts = new Map<string, string>();
  readonly keys = new Map<string, string>();
  fileToken = '';

  #url: string;

  /** @param closedUrl the same data behind a server that lets no second console account in */
  constructor(private readonly openUrl: string, private readonly closedUrl: string, readonly faults: Faults) {
    this.#url = openUrl;
  }

  allowOneAccount(only: boolean): void {
    this.#url = only ? this.closedUrl : this.openUrl;
  }

  async send(method: string, path: string, headers: Record<string, string>, body?: BodyInit, deadlineMs = 20_000): Promise<Answer> {
    try {
      const response = await fetch(this.#url + path, {
        method, headers, signal: AbortSignal.timeout(deadlineMs), ...(body === undefined ? {} : { body }),
      });
      const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
      return { status: response.status, headers: response.headers, text: Buffer.from(text, 'latin1').toString('utf8'), json: parsed(Buffer.from(text, 'latin1').toString('utf8')) };
    } catch (error) {
      if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')) return { status: undefined, headers: new Headers(), text: '', json: undefined };
      throw error;
    }
  }

  /** A step that was not recorded but must have happened; throws when it fails. */
  async must(method: string, path: string, credentials: Record<string, string>, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.send(method, path, { 'content-type': 'application/json', ...credentials }, body === undefined ? undefined : JSON.stringify(body));
    if (answer.status === undefined || answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return isObject(answer.json) ? answer.json : {};
  }

  /** Signs in and keeps the session under a name. */
  async signIn(name: string, project: string, email: string, password: string): Promise<Record<string, unknown>> {
    const answer = await this.send('POST', '/v1/account/sessions/email', { 'content-type': 'application/json', 'x-appwrite-project': project }, JSON.stringify({ email, password }));
    if (answer.status !== 201) throw new Error(`Sign-in of ${email} failed: ${answer.text}`);
    this.keepSession(name, answer);
    return isObject(answer.json) ? answer.json : {};
  }

  keepSession(name: string, answer: Answer): void {
    const cookie = answer.headers.getSetCookie().map((each) => /^a_session_[^=]+=([^;]+)/.exec(each)?.[1]).find((value) => value !== undefined);
    if (cookie !== undefined && cookie !== 'deleted') this.sessions.set(name, cookie);
  }

  async makeJwt(name: string, project: string): Promise<void> {
    const { jwt } = await this.must('POST', '/v1/account/jwts', { 'x-appwrite-project': project, 'x-appwrite-session': this.sessions.get(name) ?? '' }, {});
    this.jwts.set(name, String(jwt));
  }

  /** A key that may do everything, kept under the project's id. */
  async makeKey(project: string): Promise<void> {
    const { secret } = await this.must('POST', `/v1/projects/${project}/keys`, this.root(), { keyId: 'unique()', name: 'all', scopes: KEY_SCOPES });
    this.keys.set(project, String(secret));
  }

  root(): Record<string, string> {
    return { 'x-appwrite-project': 'console', 'x-appwrite-session': this.sessions.get('root') ?? '' };
  }

  key(project: string): Record<string, string> {
    return { 'x-appwrite-project': project, 'x-appwrite-key': this.keys.get(project) ?? '' };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
