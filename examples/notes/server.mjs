import './env.mjs';
import { createServer } from 'node:http';
import { addNote, listNotes, prepare } from './backend.mjs';
import { clientScript } from './bundle.mjs';

// Railway sends visitors from outside of the container; its local stand-in, like a person at home, from this machine.
const atHome = /^(localhost|127\.0\.0\.1)\b/.test(process.env.RAILWAY_PUBLIC_DOMAIN ?? 'localhost');
const host = process.env.HOST ?? (atHome ? '127.0.0.1' : '::');
const port = Number(process.env.PORT ?? 8080);
// By this name Appwrite lets pages of one's own machine ask.
const address = host === '127.0.0.1' ? 'localhost' : host;
const maxBodyBytes = 16_384;

const client = await clientScript(process.env);
await prepare();
createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error.message);
    response.writeHead(500, { 'content-type': 'text/plain' }).end('The notes cannot be read right now.');
  });
}).listen(port, host, () => console.log(`Notes: http://${address}:${port}`));

async function answer(request, response) {
  if (request.method === 'GET' && request.url === '/health') return response.writeHead(200).end('ok');
  if (request.method === 'POST' && request.url === '/notes') {
    const text = new URLSearchParams(await readBody(request)).get('text')?.trim();
    if (text) await addNote(text.slice(0, 2000));
    return response.writeHead(303, { location: '/' }).end();
  }
  if (request.method === 'GET' && request.url === '/') {
    return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(await listNotes()));
  }
  if (request.method === 'GET' && request.url === '/client.js') {
    return response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(client);
  }
  return response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.');
}

async function readBody(request) {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > maxBodyBytes) throw new Error('The note is too long.');
  }
  return body;
}

function page(notes) {
  const items = notes.map((note) => `<li>${escape(note.text)} <time>${escape(note.$createdAt)}</time></li>`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Notes</title><script type="module" src="/client.js"></script>
<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem;overflow-wrap:anywhere}time{color:#666;font-size:.8em}</style>
<h1>Notes</h1>
<p id="backend" role="status"></p>
<form method="post" action="/notes"><label>New note <input name="text" required maxlength="2000"></label> <button>Add</button></form>
<ul>${items || '<li>No notes yet.</li>'}</ul></html>`;
}

function escape(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return String(text).replace(/[&<>"]/g, (character) => entities[character]);
}
