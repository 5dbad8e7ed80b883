import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { configured, ensureProgram } from '../../scripts/lib/programs.mjs';

export interface Upstream {
  /** `127.0.0.1:<port>` */
  address: string;
  close(): void;
}

/** What an upstream says it was asked. */
export interface Heard {
  name: string;
  url: string;
  headers: IncomingHttpHeaders;
}

/** A server that answers every request with its name and what it heard. */
export async function startUpstream(name: string): Promise<Upstream> {
  const server = createServer((incoming, response) => {
    incoming.resume();
    const heard = { name, url: incoming.url ?? '', headers: incoming.headers } satisfies Heard;
    incoming.once('end', () => response.end(JSON.stringify(heard)));
  });
  const port = await anyFreePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${port}`, close: () => void server.close() };
}

/** Caddy with this configuration; whoever calls knows when it answers. */
export async function startCaddy(text: string, variables: Record<string, string>): Promise<{ stop(): Promise<void> }> {
  const program = configured('CADDY_PATH') ?? (await ensureProgram('caddy'));
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-caddy-'));
  const file = path.join(folder, 'Caddyfile');
  await writeFile(file, text.replace('auto_https', 'admin off\n  auto_https'));
  const caddy = spawn(program, ['run', '--config', file, '--adapter', 'caddyfile'], { stdio: 'ignore', env: { NODE_ENV: 'production', HOME: folder, ...variables } });
  return {
    async stop() {
      if (caddy.exitCode === null && caddy.signalCode === null) {
        const ended = new Promise((resolve) => caddy.once('exit', resolve));
        caddy.kill('SIGKILL');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
