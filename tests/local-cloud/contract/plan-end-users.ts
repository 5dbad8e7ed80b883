import { replayColumns } from './columns';
import { chunk, file, PNG } from './forms';
import type { Plan } from './plan';
import { listedRows } from './rows';
import type { World } from './world';

const PROJECT = 'enduser-mwprmp79';
const PASSWORD = 'correct-horse-1';

const byKey = (world: World) => world.key(PROJECT);
const signIn = (world: World, user: string, name = user) => world.signIn(name, PROJECT, `${user}@example.com`, PASSWORD);
const table = (database: string, tableId: string, more: Record<string, unknown>) => (world: World) =>
  world.must('POST', `/v1/tablesdb/${database}/tables`, byKey(world), { tableId, name: tableId, ...more });
const column = (key: string, type = 'string', more: Record<string, unknown> = {}) => ({ key, type, required: false, ...(type === 'string' ? { size: 32 } : {}), ...more });
const setLabels = (labels: string[]) => async (world: World) => { await world.must('PUT', '/v1/users/user2/labels', byKey(world), { labels }); };

async function makeProject(world: World): Promise<void> {
  await world.must('POST', '/v1/projects', world.root(), { projectId: PROJECT, name: 'End users', teamId: 'rigorg' });
  await world.makeKey(PROJECT);
}

async function makeMembers(world: World): Promise<void> {
  for (const name of ['ed', 'own', 'mem', 'lab', 'ver']) {
    await world.must('POST', '/v1/account', { 'x-appwrite-project': PROJECT }, { userId: name, email: `${name}@example.com`, password: PASSWORD, name });
    await signIn(world, name);
  }
}

/** People, teams, rows and files of a project, as its end users and its keys see them. */
export const endUserSteps: Plan = [
  [/^100-/, { before: makeProject }],
  [/^101-/, { opens: 'user1' }],
  [/^101g-/, { opens: 'user1-by-key' }],
  [/^101h-/, { as: 'user1-by-key' }],
  [/^102h-/, { as: 'root' }],
  [/^103-/, { opens: 'anonymous' }],
  [/^103[bc]-/, { as: 'anonymous' }],
  [/^104-/, { savesJwt: 'user1' }],
  [/^(102f|104f)-/, { as: 'user1', jwt: 'user1' }],
  [/^105f-/, {
    before: async (world) => {
      await signIn(world, 'user1');
      const other = await signIn(world, 'user1', 'user1-other');
      world.ids.set('6b00fc58a8ecb8649928', String(other.$id));
    },
  }],
  [/^106-/, { before: async (world) => { await signIn(world, 'user1'); } }],
  [/^107-/, { before: async (world) => { await signIn(world, 'user2'); } }],
  [/^107c-/, { as: 'user2', after: async (world) => { await world.must('PATCH', '/v1/users/user2/status', byKey(world), { status: true }); } }],
  [/^108-/, { as: 'ver-14', before: async (world) => { for (let i = 2; i <= 14; i += 1) await signIn(world, 'ver', `ver-${i}`); } }],
  [/^108b-/, { as: 'ver' }],
  [/^110-/, { before: makeMembers }],
  [/^112b-|^113(c)?-|^114[dg]-|^115d-|^117(c|f)-/, { as: 'mem' }],
  [/^114b?c?-/, { as: 'user2' }],
  [/^114f-|^115c-|^117e-/, { as: 'own' }],
  [/^117-/, {
    as: 'ed',
    before: async (world) => {
      const joined = await world.must('POST', '/v1/teams/t2/memberships', byKey(world), { userId: 'ed', roles: ['x'] });
      world.ids.set('6b00fcbc57fa656c5946', String(joined.$id));
    },
  }],

  [/^130-/, {
    before: async (world) => {
      await world.must('POST', '/v1/databases', byKey(world), { databaseId: 'leg', name: 'leg' });
      const attributes = [column('p')];
      await world.must('POST', '/v1/databases/leg/collections', byKey(world), { collectionId: 'c0', name: 'c0', documentSecurity: false, attributes });
    },
  }],
  [/^130[cdefj]-/, { as: 'user2' }],
  [/^141(-|f|g)/, {}],
  [/^141-/, { form: () => file('mine') }],
  [/^141b-/, { form: () => file('guest') }],
  [/^141c-/, { form: () => file('other', { permissions: ['read("user:user2")'] }) }],
  [/^141d-/, { form: () => file('mine') }],
  [/^141e-/, { form: () => file('shared', { permissions: ['read("users")', 'update("user:user1")', 'delete("user:user1")'] }) }],
  [/^141f-/, { form: () => file('f0', { permissions: ['read("guests")'] }) }],
  [/^141g-/, { form: () => file('f0b') }],
  [/^142[bdfhjk]-|^143-|^143d-/, { as: 'user2' }],

  [/^143h-/, { as: 'user1' }],
  [/^151-/, {
    before: async (world) => {
      await world.must('POST', '/v1/tablesdb', byKey(world), { databaseId: 'mx', name: 'mx' });
      await table('mx', 'f1', { permissions: ['create("users")'], rowSecurity: true, columns: [column('p')] })(world);
      await table('mx', 'm0_0', { columns: [column('p')] })(world);
    },
  }],
  [/^151[cefjvwx]-/, { as: 'user2' }],
  [/^152-/, { before: async (world) => world.makeJwt('user1', PROJECT) }],
  [/^152g-/, { before: async (world) => { await world.must('PUT', '/v1/tablesdb/mx/tables/f1', byKey(world), { name: 'f1', enabled: false, rowSecurity: true }); } }],
  [/^152i-/, { before: async (world) => { await world.must('PUT', '/v1/tablesdb/mx/tables/f1', byKey(world), { name: 'f1' }); } }],
  [/^153-/, {
    as: 'user2',
    before: async (world) => {
      await table('mx', 'm1_8', { permissions: ['read("label:x")'], rowSecurity: true, columns: [column('p'), column('v', 'integer')] })(world);
      const rows = Array.from({ length: 24 }, (_, i) => ({ $id: `r${i}`, p: i === 0 ? 'none' : 'some', v: i }));
      await world.must('POST', '/v1/tablesdb/mx/tables/m1_8/rows', byKey(world), { rows });
      await setLabels(['x'])(world);
    },
  }],
  [/^153b-/, { as: 'user2', before: setLabels([]) }],
  [/^155-/, {
    before: async (world) => {
      await table('mx', 'leak', { columns: [column('p'), column('v', 'integer')] })(world);
      await world.must('POST', '/v1/tablesdb/mx/tables/leak/rows', byKey(world), { rowId: 'a', data: { p: '0', v: 0 } });
    },
  }],

  [/^161-/, {
    before: async (world) => {
      await world.must('POST', '/v1/tablesdb', byKey(world), { databaseId: 'qd', name: 'qd' });
      await listedRows(world, byKey(world));
    },
  }],
  [/^171-/, {
    before: async (world) => {
      await world.must('POST', '/v1/tablesdb', byKey(world), { databaseId: 'cd', name: 'cd' });
      const permissions = ['create("users")', 'read("users")', 'update("users")', 'delete("users")'];
      await table('cd', 'bulk', { permissions, columns: [column('a', 'string', { size: 10, required: true }), column('n', 'integer', { min: 0, max: 100 })] })(world);
      await replayColumns(world, PROJECT, 'user1');
    },
  }],
  [/^173-/, {
    until: '"available"',
    before: async (world) => { await world.must('POST', '/v1/tablesdb/cd/tables/bulk/indexes', byKey(world), { key: 'uq', type: 'unique', columns: ['a'] }); },
    // The number of database and table in the id is the real server's own count.
    ignore: ['$id'],
  }],
  [/^173d-/, { before: async (world) => { await world.must('POST', '/v1/tablesdb/cd/tables/bulk/rows', byKey(world), { rowId: 'w1', data: { a: 'w' } }); } }],

  [/^181-/, { form: () => file('ok') }],
  [/^181b-/, { form: () => file('exe', { name: 'a.exe', bytes: Buffer.from('x') }) }],
  [/^181c-/, { form: () => file('EXT', { name: 'A.TXT', bytes: Buffer.from('x') }) }],
  [/^181d-/, { form: () => file('large', { name: 'a.txt', bytes: Buffer.alloc(1001, 'a') }) }],
  [/^181e-/, { form: () => file('exact', { name: 'a.txt', bytes: Buffer.alloc(1000, 'a') }) }],
  [/^181f-/, { form: () => file('empty', { name: 'e.txt', bytes: Buffer.alloc(0) }) }],
  [/^181g-/, { form: () => { const form = new FormData(); form.set('fileId', 'nofile'); return form; } }],
  [/^181h-/, { form: () => file('_bad id') }],
  [/^181i-/, { form: () => file('bare', { name: 'noextension', bytes: Buffer.from('x') }) }],
  [/^181j-/, { form: () => file('any') }],
  [/^183-/, { form: () => file('png', { name: 'a.png', bytes: PNG }) }],
  // The recording decoded the picture as text; its bytes are compared by 186c.
  [/^183g-/, { form: () => file('fake', { name: 'fake.png', bytes: Buffer.from('<html><script>alert(1)</script></html>') }) }],
  [/^184-sdk-chunked-upload-12MB$/, { before: async (world) => { await world.must('POST', '/v1/storage/buckets', byKey(world), { bucketId: 'chunk', name: 'chunk', permissions: ['create("users")', 'read("users")'] }); } }],
  [/^184-sdk-chunked-upload-12MB$/, { form: () => chunk('big1', 5_242_880) }],
  [/^184-.*\.2$/, { form: () => chunk('big1', 2_097_275) }],
  // The bytes were not recorded, so neither their digest nor what they looked like can agree.
  [/^184-.*\.3$/, { form: () => chunk('big1', 5_242_880), ignore: ['signature'] }],
  [/^185-|^185e-|^185f-/, { form: () => chunk('raw1', 5_242_880), ignore: ['signature', 'mimeType'] }],
  [/^185b-/, { form: () => chunk('raw1', 10) }],
  [/^185g-/, { form: () => chunk('raw2', 10) }],
  [/^185h-/, { form: () => chunk('raw3', 10) }],
  [/^185i-/, { form: () => file('raw4', { name: 'r.bin', bytes: Buffer.from('0123456789') }), ignore: ['signature'] }],
  [/^185j-/, { form: () => chunk('raw5', 6_291_456), ignore: ['signature', 'mimeType'] }],
];
