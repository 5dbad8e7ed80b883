import { GraphQLError, type ExecutionArgs } from 'graphql/index.js';
import { handleProtocols } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Account } from './accounts';
import type { AppParts } from './app';
import { toCall } from './call';
import { BadRequest, explain, readRequest, schema } from './graphql';
import { subscriptions } from './subscriptions';

const MAX_MESSAGE_BYTES = 1_000_000;
const PATH = '/graphql/v2';
const initPayload = z.object({ Authorization: z.string().optional(), authorization: z.string().optional() }).catch({});

/** Answers subscriptions on the path of the API, by the protocol `graphql-transport-ws`. */
export function acceptSubscriptions(server: Server, parts: AppParts): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, handleProtocols });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // What breaks here has a close of its own.
    socket.on('error', () => socket.destroy());
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== PATH) return void socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (accepted) => sockets.emit('connection', accepted, request));
  };
  server.on('upgrade', upgrade);
  const accountOf = ({ extra, connectionParams }: { extra: Extra; connectionParams?: unknown }): Account | undefined => {
    const { Authorization, authorization } = initPayload.parse(connectionParams ?? {});
    return parts.accounts.find(extra.request.headers.authorization ?? Authorization ?? authorization);
  };
  const served = useServer({
    onConnect: (context) => accountOf(context) !== undefined,
    async onSubscribe(context, _id, payload) {
      const account = accountOf(context);
      if (account === undefined) return [new GraphQLError('Not Authorized')];
      return prepare(payload, parts, account, () => context.extra.socket.terminate());
    },
    onError: (_context, _id, _payload, errors) => errors.map(({ message, extensions }) => ({ message, extensions: { code: 'INTERNAL_SERVER_ERROR', ...extensions } })),
    onNext: (_context, _id, _payload, _args, { errors, data }) =>
      errors === undefined ? undefined : { ...(data === undefined ? {} : { data }), errors: errors.map((error) => toFormatted(error, parts)) },
    isProd: true,
  }, sockets);
  return {
    close() {
      server.off('upgrade', upgrade);
      for (const socket of sockets.clients) socket.terminate();
      void served.dispose();
    },
  };
}

async function prepare(payload: unknown, parts: AppParts, account: Account, cut: () => void): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const operation = readSafely(payload);
  if (operation instanceof BadRequest) return (operation.answer.body.errors ?? []).map(({ message, extensions }) => new GraphQLError(message, { extensions }));
  const effect = parts.faults.strike(operation.name === undefined ? operation.fields : [...operation.fields, operation.name]);
  parts.faults.record({ at: new Date().toISOString(), name: `subscription ${operation.fields.join(',')}`, status: effect === undefined ? 101 : 0, ms: 0 });
  if (effect?.kind === 'delay') await sleep(effect.ms);
  if (effect?.kind === 'cut') cut();
  if (effect?.kind === 'hang') await new Promise(() => undefined);
  if (effect?.kind === 'rate-limit') return [new GraphQLError('Rate limit exceeded', { extensions: { code: 'RATE_LIMITED' } })];
  if (effect?.kind === 'server-error') return [new GraphQLError('Problem processing request', { extensions: { code: 'INTERNAL_SERVER_ERROR' } })];
  const { document, variables, name } = operation;
  return { schema, document, rootValue: subscriptions, contextValue: toCall(parts, account), variableValues: variables, operationName: name ?? null };
}

function readSafely(payload: unknown): ReturnType<typeof readRequest> | BadRequest {
  try {
    return readRequest(payload, true);
  } catch (error) {
    if (error instanceof BadRequest) return error;
    throw error;
  }
}

function toFormatted(error: GraphQLError, { log }: AppParts): { message: string; extensions: { code: string } } {
  const { message, extensions } = explain(error, log);
  return { message, extensions };
}
