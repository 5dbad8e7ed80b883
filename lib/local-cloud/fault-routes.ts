import { Hono, type Context } from 'hono';
import type { z } from 'zod';
import type { FaultList, Turns } from './fault-list';

/** The control door for tests that run in another process. Mounted only when the server was told to allow faults. */
export function faultRoutes<Effect, Input extends Turns<Effect>, Settings extends object, Logged>(faults: FaultList<Effect, Input, Settings, Logged>): Hono {
  const app = new Hono();
  app.get('/', (c) => c.json({ settings: faults.settings, faults: faults.list() }));
  app.post('/', (c) => parsed(c, faults.shapes.input, (input) => c.json({ id: faults.add(input) }, 201)));
  app.patch('/', (c) => parsed(c, faults.shapes.settings, (input) => {
    faults.configure(input);
    return c.json(faults.settings);
  }));
  app.delete('/', (c) => {
    faults.clear();
    return c.body(null, 204);
  });
  app.delete('/:id{[0-9]+}', (c) => {
    faults.remove(Number(c.req.param('id')));
    return c.body(null, 204);
  });
  app.get('/requests', (c) => c.json({ requests: faults.requests }));
  app.delete('/requests', (c) => {
    faults.clearRequests();
    return c.body(null, 204);
  });
  return app;
}

async function parsed<T>(c: Context, schema: z.ZodType<T>, use: (input: T) => Response): Promise<Response> {
  const input = schema.safeParse(await c.req.json().catch(() => undefined));
  if (input.success) return use(input.data);
  return c.json({ message: 'The fault is not valid.', issues: input.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) }, 422);
}
