import { AppwriteException, Client, ID, Query, Storage, TablesDB } from 'node-appwrite';
import { InputFile } from 'node-appwrite/file';

const { APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID, APPWRITE_API_KEY } = process.env;
if (!APPWRITE_ENDPOINT || !APPWRITE_PROJECT_ID || !APPWRITE_API_KEY) {
  throw new Error('APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY must be set. Download .env in Studio and start again.');
}

const client = new Client().setEndpoint(APPWRITE_ENDPOINT).setProject(APPWRITE_PROJECT_ID).setKey(APPWRITE_API_KEY);
const tables = new TablesDB(client);
const storage = new Storage(client);

const databaseId = 'notes';
const tableId = 'notes';
const bucketId = 'attachments';

/** Makes database, table and bucket on the first start; what exists already stays. */
export async function prepare() {
  await unlessThere(tables.create({ databaseId, name: 'Notes' }));
  await unlessThere(
    tables.createTable({
      databaseId,
      tableId,
      name: 'Notes',
      columns: [
        { key: 'text', type: 'string', size: 2000, required: true },
        { key: 'fileId', type: 'string', size: 36, required: false },
      ],
    }),
  );
  await unlessThere(storage.createBucket({ bucketId, name: 'Attachments' }));
}

export async function addNote(text, attachment) {
  let fileId = null;
  if (attachment) {
    const file = await storage.createFile({ bucketId, fileId: ID.unique(), file: InputFile.fromBuffer(attachment.bytes, attachment.name) });
    fileId = file.$id;
  }
  return tables.createRow({ databaseId, tableId, rowId: ID.unique(), data: { text, fileId } });
}

/** The newest notes, at most 50. */
export async function listNotes() {
  const { rows } = await tables.listRows({ databaseId, tableId, queries: [Query.orderDesc('$createdAt'), Query.limit(50)] });
  return rows;
}

export async function readAttachment(fileId) {
  return Buffer.from(await storage.getFileDownload({ bucketId, fileId }));
}

async function unlessThere(creation) {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof AppwriteException) || error.code !== 409) throw error;
  }
}
