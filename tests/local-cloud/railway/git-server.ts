import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const identity = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.com', '-c', 'init.defaultBranch=main'];

/** A Git server on loopback with one repository, which each `commit` adds to. */
export async function startGitServer(folder: string): Promise<{ url: string; commit(files: Record<string, string>): Promise<string>; close(): void }> {
  const root = path.join(folder, 'git');
  const work = path.join(root, 'app');
  await mkdir(work, { recursive: true });
  await chmod(root, 0o755);
  const git = async (...args: string[]): Promise<string> => (await run('git', [...identity, ...args], { cwd: work })).stdout.trim();
  await git('init', '--quiet');
  await git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const { stdout } = await run('git', ['--exec-path']);

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const child = spawn(path.join(stdout.trim(), 'git-http-backend'), {
      env: {
        ...process.env, GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: url.pathname, QUERY_STRING: url.search.slice(1), REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'], HTTP_CONTENT_ENCODING: request.headers['content-encoding'], GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''), REMOTE_ADDR: '127.0.0.1',
      },
    });
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('close', () => {
      const answer = Buffer.concat(chunks);
      const end = answer.indexOf('\r\n\r\n');
      const headers = answer.subarray(0, end).toString().split('\r\n').map((line) => line.split(': '));
      const status = headers.find(([name]) => name === 'Status')?.[1];
      response.writeHead(Number(status?.split(' ')[0] ?? 200), Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
      response.end(answer.subarray(end + 4));
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    url: `http://127.0.0.1:${port}/app/.git`,
    async commit(files) {
      for (const [file, text] of Object.entries(files)) await writeFile(path.join(work, file), text);
      await git('add', '.');
      await git('commit', '--quiet', '-m', 'change');
      return git('rev-parse', 'HEAD');
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
