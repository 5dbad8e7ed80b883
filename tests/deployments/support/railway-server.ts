import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { listen } from '../../support/listen';
import { prose } from './failure';

const question = z.strictObject({ query: z.string(), operationName: z.string(), variables: z.record(z.string(), z.unknown()) });

export interface Asked {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
  query: string;
  operation: string;
  variables: Record<string, unknown>;
}

export type Reply = (response: ServerResponse, asked: Asked) => void;

export interface RailwayServer {
  endpoint: string;
  /** Everything that was asked, in order. */
  asked: Asked[];
  /** What is answered from now on. */
  reply: Reply;
  close(): Promise<void>;
}

/** A server that plays whatever a test wants Railway to answer. */
export async function railwayServer(): Promise<RailwayServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { query, operationName, variables } = question.parse(JSON.parse(Buffer.concat(chunks).toString()));
      const asked: Asked = { method: request.method, path: request.url, headers: request.headers, query, operation: operationName, variables };
      running.asked.push(asked);
      running.reply(response, asked);
    });
  });
  const running: RailwayServer = {
    endpoint: `${await listen(server)}/graphql/v2`,
    asked: [],
    reply: (response) => void response.writeHead(500).end(),
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
  return running;
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return (response) => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A page of whatever stands before Railway. */
export function page(status: number, headers: Record<string, string> = {}): Reply {
  return (response) => void response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(`<html>${prose}</html>`);
}

/** A failure as Railway tells it: with status 200. */
export function errors(message: string, extensions: Record<string, unknown> | undefined = { code: 'INTERNAL_SERVER_ERROR' }): Reply {
  return json({ data: null, errors: [{ message, extensions, path: ['field'], locations: [{ line: 1, column: 1 }], traceId: '5527782523421805956' }] });
}

/** Each operation its own reply. */
export function byOperation(replies: Record<string, Reply>): Reply {
  return (response, asked) => (replies[asked.operation] ?? json({ errors: [{ message: `the test has no answer to ${asked.operation}` }] }))(response, asked);
}
