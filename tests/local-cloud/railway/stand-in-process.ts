import { createRailwayStandIn } from '@/lib/local-cloud/railway/server';

/** A stand-in in a process of its own, so that a test can kill it and see what it weighs. */
const [, , dataDir = '', exampleDir = '', token = '', repositories = '{}', isolate = 'true'] = process.argv;
const standIn = await createRailwayStandIn({
  dataDir, exampleDir, mode: 'local', tokens: [token], log: (line) => console.error(line),
  isolate: isolate === 'true',
  localRepositories: toRepositories(JSON.parse(repositories)),
});
const { url } = await standIn.listen(0);
console.log(url);

function toRepositories(value: unknown): Record<string, string> {
  return value as Record<string, string>;
}
