import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../support/listen';

export type PoisonedWay = Awaited<ReturnType<typeof startPoisonedWay>>;

const failure = JSON.stringify({ message: 'Something is not as it should be.', code: 500, type: 'general_unknown', version: '1.9.6' });

/** A way to one Appwrite on which every call for a poisoned team is answered 500, as by a server that has lost that team's data. */
export async function startPoisonedWay(appwriteUrl: string) {
  const target = new URL(appwriteUrl);
  const agent = new Agent({ keepAlive: true });
  /** Calls that were answered 500, by team. */
  const poisoned = new Map<string, number>();

  function pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { host: _, ...headers } = incoming.headers;
    const outgoing = request({ agent, host: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  }

  const server = createServer((incoming, answer) => {
    const team = String(incoming.headers['x-appwrite-organization']);
    const refused = poisoned.get(team);
    if (refused === undefined) return pass(incoming, answer);
    poisoned.set(team, refused + 1);
    incoming.resume();
    answer.writeHead(500, { 'content-type': 'application/json' }).end(failure);
  });
  const url = await listen(server);

  return {
    endpoint: `${url}${target.pathname}`,
    poison(team: string): void {
      poisoned.set(team, 0);
    },
    heal: () => poisoned.clear(),
    /** How many calls of the team were answered 500 since it was poisoned. */
    refused: (team: string) => poisoned.get(team) ?? 0,
    async close(): Promise<void> {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
