import './env.mjs';
import { addNote, listNotes, prepare, readAttachment } from './backend.mjs';

const text = `written at ${new Date().toISOString()}`;
await prepare();
const written = await addNote(text, { name: 'hello.txt', bytes: Buffer.from(text) });
const found = (await listNotes()).find((row) => row.$id === written.$id);
if (found?.text !== text) throw new Error('The note that was written is not in the list.');
const file = await readAttachment(found.fileId);
if (file.toString() !== text) throw new Error('The file came back different.');
console.log(JSON.stringify({ ok: true, row: found.$id, file: found.fileId, text: found.text }));
