import { z } from 'zod';
import { readRecording } from './recordings';
import type { World } from './world';

const page = z.object({ response: z.object({ body: z.object({ rows: z.array(z.record(z.string(), z.unknown())) }) }) });

/** The thirty rows that the recorded queries ran over. */
export function recordedRows(): Array<Record<string, unknown>> {
  return readRecording('161d-list-limit-5001', page).response.body.rows;
}

/** Makes the table `qd.q` with those rows, readable for users. */
export async function listedRows(world: World, credentials: Record<string, string>): Promise<void> {
  const text = (key: string, size: number, required = false) => ({ key, type: 'string', size, required });
  await world.must('POST', '/v1/tablesdb/qd/tables', credentials, {
    tableId: 'q', name: 'q', permissions: ['read("users")'],
    columns: [
      text('name', 64, true), { key: 'n', type: 'integer', required: false }, { key: 'f', type: 'double', required: false },
      { key: 'b', type: 'boolean', required: false }, text('opt', 16), { ...text('tags', 16), array: true }, text('txt', 256), text('nt', 64),
      { key: 'd', type: 'datetime', required: false },
    ],
    indexes: [{ key: 'ft', type: 'fulltext', attributes: ['txt'] }],
  });
  for (const row of recordedRows()) {
    const data = Object.fromEntries(Object.entries(row).filter(([key]) => !key.startsWith('$')));
    await world.must('POST', '/v1/tablesdb/qd/tables/q/rows', credentials, { rowId: row.$id, data });
  }
}
