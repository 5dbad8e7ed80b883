import { RailwayError, railwayFailureOf, type RailwayAccount } from '../port';
import type { RailwayClient } from './client';
import { apiToken, me, projectToken } from './operations';

/** Only an account's token has a person behind it; a workspace's is asked for its workspaces instead. */
export async function whoAmI(client: RailwayClient): Promise<RailwayAccount> {
  const person = await unlessUnauthorized(client.ask(me));
  if (person !== null) return { name: person.name || person.email, workspaces: person.workspaces };

  const context = await unlessUnauthorized(client.ask(apiToken));
  const [workspace] = context?.workspaces ?? [];
  if (context !== null && workspace !== undefined) return { name: workspace.name, workspaces: context.workspaces };

  const single = await unlessUnauthorized(client.askAsProject(projectToken));
  throw new RailwayError({ kind: single === null ? 'unauthorized' : 'refused' });
}

async function unlessUnauthorized<Shape>(call: Promise<Shape>): Promise<Shape | null> {
  try {
    return await call;
  } catch (error) {
    if (railwayFailureOf(error)?.kind !== 'unauthorized') throw error;
    return null;
  }
}
