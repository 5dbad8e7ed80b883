import { constants, setPriority } from 'node:os';
import { createRailwayStandIn } from '@/lib/local-cloud/railway/server';

/**
 * The stand-in for Railway in a process of its own: `<data folder> <port> <token> <folder of the app> <name of its repository>`.
 * Beside the repositories that the local cloud carries along it knows one more, for an app that costs next to nothing.
 */
const [, , dataDir = '', port = '', token = '', app = '', repository = ''] = process.argv;

// A real Railway has machines of its own; builds and apps must not slow the answers of what is measured.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const standIn = await createRailwayStandIn({
  dataDir,
  mode: 'local',
  log: (line) => console.log(line),
  tokens: [token],
  exampleDir: app,
  localRepositories: { [repository]: app },
  allowFaults: true,
  // A hundred apps in namespaces would be two hundred processes more, and none of it is Studio's work.
  isolate: false,
});
const listening = await standIn.listen(Number(port));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
console.log(JSON.stringify({ msg: 'ready' }));

async function stop(): Promise<void> {
  await listening.close();
  await standIn.stop();
  process.exit(0);
}
