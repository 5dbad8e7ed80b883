import type { Plan } from './plan';
import type { World } from './world';

const columnReady = (table: string, column: string) => async (world: World): Promise<void> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const { status } = await world.must('GET', `/v1/tablesdb/tdb/tables/${table}/columns/${column}`, world.key('rig-proj-a'));
    if (status === 'available') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Column ${column} never became available.`);
};

const tableWithoutWorker = (tableId: string) => async (world: World): Promise<void> => {
  await world.must('POST', '/v1/tablesdb/tdb/tables', world.key('rig-proj-a'), { tableId, name: tableId });
  world.faults.configure({ columns: 'lost' });
};

const project = (projectId: string) => async (world: World): Promise<void> => {
  await world.must('POST', '/v1/projects', world.root(), { projectId, name: projectId, teamId: 'rigorg' });
};

/** A project whose row is there and most of whose tables are not. */
const halfMade = (projectId: string) => async (world: World): Promise<void> => {
  const fault = world.faults.add({ method: 'POST', path: '/v1/projects', effect: { kind: 'die-mid-create', tables: 3 } });
  await world.send('POST', '/v1/projects', { ...world.root(), 'content-type': 'application/json' }, JSON.stringify({ projectId, name: 'mid', teamId: 'rigorg' }));
  world.faults.remove(fault);
};

/** The console: account, organizations, projects, keys and platforms, and the failures of the servers behind them. */
export const platformSteps: Plan = [
  [/^02-/, { opens: 'root' }],
  [/^04-/, { savesJwt: 'root' }],
  [/^12-/, { savesKey: 'rig-proj-a' }],
  [/^12e-/, { as: 'root' }],
  [/^12[ij]-/, { jwt: 'root' }],
  [/^17-/, { savesKey: 'rig-proj-b' }],
  [/^17b-/, { savesKey: 'limited' }],
  [/^17c-/, { savesKey: 'expired' }],
  [/^17[ef]-/, { key: 'rig-proj-a' }],
  [/^22(b|-.*\.3$)/, { until: '"available"' }],
  [/^27-.*\.3$/, { until: '"available"' }],
  [/^28-/, { before: columnReady('things', 'n') }],
  [/^40c-/, { key: 'rig-proj-b' }],
  [/^40d-/, { key: 'rig-proj-a' }],
  [/^40[ef]-/, { key: 'limited' }],
  [/^40g-/, { key: 'expired' }],
  [/^40[hj]-/, { key: 'rig-proj-a' }],
  [/^45-/, { before: (world) => world.makeKey('fmt-180') }],
  [/^46-/, { before: tableWithoutWorker('w1795221432874') }],
  [/^46d-/, { after: async (world) => world.faults.configure({ columns: 'normal' }) }],
  [/^47-/, { before: tableWithoutWorker('w1795221375917'), fault: { kind: 'server-error', as: 'json' } }],
  [/^47b-/, {
    before: async (world) => {
      await world.must('POST', '/v1/tablesdb/tdb/tables/w1795221375917/columns/string', world.key('rig-proj-a'), { key: 'a', size: 10, required: true });
    },
    after: async (world) => world.faults.configure({ columns: 'normal' }),
  }],
  [/^48-/, { fault: { kind: 'server-error', as: 'json' } }],
  [/^48a-/, { before: project('rr-1795222088655-a') }],
  [/^48b-/, { before: project('rr-1795222088655-b') }],
  [/^48c-/, { before: project('rr-1795222088655-c') }],
  [/^51c-/, { jwt: 'root' }],
  [/^(80-mariadb-sigstop|82-redis-sigstop|83-redis-killed|84d-)/, { fault: { kind: 'hang' } }],
  [/^81b?-mariadb-killed.*(?<!version)$/, { fault: { kind: 'server-error', as: 'untyped-html' } }],
  [/^81b?-mariadb-killed.*project-create$/, { fault: { kind: 'server-error', as: 'json' } }],
  [/^84f-/, { fault: { kind: 'server-error', as: 'json' } }],
  [/^85-.*during$/, { fault: { kind: 'cut', when: 'after' } }],
  [/^86-.*during$/, { fault: { kind: 'die-mid-create', tables: 3 } }],
  [/^87-.*get$/, { before: halfMade('mid-mykill') }],
  [/^85-.*key-create$/, { savesKey: 'mid-term2' }],
  [/^86-.*key-create$/, { savesKey: 'mid-kill' }],
  [/^87-.*key-create$/, { savesKey: 'mid-mykill' }],
  [/^90-/, { before: async (world) => world.allowOneAccount(true), after: async (world) => world.allowOneAccount(false) }],
  [/^91b-/, {
    before: async (world) => {
      const body = JSON.stringify({ email: 'victim@rig.test', password: 'wrong-password' });
      for (let i = 0; i < 9; i += 1) await world.send('POST', '/v1/account/sessions/email', { 'x-appwrite-project': 'console', 'content-type': 'application/json' }, body);
    },
  }],
  [/^95-/, { after: async (world) => { await world.signIn('second', 'console', 'dev1795220702800@rig.test', 'password-123'); } }],
  [/^95[b-f]-/, { as: 'second' }],
  [/^96-/, {
    before: async (world) => {
      await world.signIn('leaving', 'console', 'root@rig.test', 'console-password');
      await world.makeJwt('leaving', 'console');
    },
  }],
  [/^96/, { as: 'leaving' }],
  [/^97e-/, { key: 'rig-proj-b' }],
  [/^97f-/, { as: 'root' }],
  [/^97[bfgh]-/, { shapeOnly: true }],
];
