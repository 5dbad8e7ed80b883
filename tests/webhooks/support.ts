import { createServer } from 'node:http';
import type { Clock } from '@/lib/kernel/clock';
import { createWebhook } from '@/lib/webhooks/create-webhook';
import { deliver } from '@/lib/webhooks/delivery/deliver';
import type { WebhookWithSecret } from '@/lib/webhooks/schemas';
import { createCallEndpoint, type CallEndpoint } from '@/lib/webhooks/transport/call-endpoint';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { listen } from '../support/listen';

export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** An endpoint on this machine that keeps what it got and answers as it is told. */
export interface Receiver {
  url: string;
  got: Received[];
  status: number;
  close(): Promise<void>;
}

export async function receiver(): Promise<Receiver> {
  const got: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      got.push({ path: request.url ?? '', headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(made.status).end();
    });
  });
  const made: Receiver = {
    url: `${await listen(server)}/hook`,
    got,
    status: 200,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return made;
}

/** A studio in local mode, with a wall clock that the test moves and jobs that it runs itself. */
export interface TestWebhooks extends TestStudio {
  /** Lets time pass: for the wall clock of the verbs, and for jobs that wait until then. */
  pass(ms: number): void;
  now(): Date;
  owner: Person;
  /** The organization that `register` registers in. */
  home: { id: string; rowId: string; slug: string };
  register(url: string, events?: readonly string[]): Promise<WebhookWithSecret>;
  /** Makes every attempt that is due by the moved clock, in order. Answers how many. */
  run(callEndpoint?: CallEndpoint): Promise<number>;
}

interface Job {
  id: string;
  payload: { organization_id: string; delivery_id: string; attempt: number };
}

export async function testWebhooks(): Promise<TestWebhooks> {
  let passedMs = 0;
  const clock: Clock = { now: () => new Date(Date.now() + passedMs), monotonicMs: () => performance.now() };
  const studio = await testStudio({ clock, loopbackWebhooks: true });
  const owner = await studio.person();
  const home = await studio.organization(owner);
  const local = createCallEndpoint({ loopback: true, withinMs: 2_000 });

  /** Takes a job from the queue as the worker would. */
  async function nextJob(): Promise<Job | undefined> {
    const [job] = await studio.raw<Job>(
      `delete from graphile_worker._private_jobs where id = (
         select j.id from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
          where t.identifier = 'deliver-webhook' and j.run_at <= $1 order by j.run_at, j.id limit 1) returning id, payload`,
      [clock.now()],
    );
    return job;
  }

  return {
    ...studio,
    owner,
    home,
    now: () => clock.now(),
    pass(ms) {
      passedMs += ms;
    },
    register: (url, events = ['project.created']) => createWebhook(owner.ctx, home.id, { url, events }),
    async run(callEndpoint = local) {
      const ctx = studio.ctx({ kind: 'system', job: 'webhooks' });
      let count = 0;
      for (let job = await nextJob(); job !== undefined; job = await nextJob()) {
        const { organization_id: organizationId, delivery_id: deliveryId, attempt } = job.payload;
        await deliver(ctx, { organizationId, deliveryId, attempt }, callEndpoint);
        count += 1;
      }
      return count;
    },
  };
}
