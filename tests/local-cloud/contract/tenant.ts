import { World } from './world';
import { consoleSession, startStandIn, type RunningStandIn } from '../stand-in';

export const PROJECT = 'app';
const PASSWORD = 'correct-horse-1';

/** A stand-in with one project, a key for everything and a world that remembers people. */
export async function startTenant(): Promise<{ running: RunningStandIn; world: World; key: Record<string, string> }> {
  const running = await startStandIn();
  const world = new World(running.url, running.url, running.standIn.faults);
  world.sessions.set('root', await consoleSession(running.url));
  await world.must('POST', '/v1/teams', world.root(), { teamId: 'org', name: 'Organization' });
  await world.must('POST', '/v1/projects', world.root(), { projectId: PROJECT, name: 'App', teamId: 'org' });
  await world.makeKey(PROJECT);
  return { running, world, key: world.key(PROJECT) };
}

/** A signed-in end user; `as` gives the headers of a request by them. */
export async function addUser(world: World, userId: string): Promise<Record<string, string>> {
  await world.must('POST', '/v1/users', world.key(PROJECT), { userId, email: `${userId}@example.com`, password: PASSWORD, name: userId });
  await world.signIn(userId, PROJECT, `${userId}@example.com`, PASSWORD);
  return { 'x-appwrite-project': PROJECT, 'x-appwrite-session': world.sessions.get(userId) ?? '' };
}
