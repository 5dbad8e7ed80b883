import { html, raw } from 'hono/html';
import type { StoredMessage } from './store';

type Html = ReturnType<typeof html>;

export function listPage(messages: readonly StoredMessage[], to: string | undefined): Html {
  return page(
    'Mailbox',
    html`<header>
        <h1>Mailbox</h1>
        <p>Every message that this installation sends ends here. None leaves the machine.</p>
      </header>
      <form role="search" action="/">
        <label for="to">Recipient</label>
        <input id="to" name="to" type="search" inputmode="email" autocomplete="off" value="${to ?? ''}" />
        <button>Filter</button>
      </form>
      <p id="status" role="status">${countText(messages.length)}</p>
      <ul id="messages" data-newest="${messages[0]?.id ?? ''}">
        ${messages.map(listItem)}
      </ul>
      <script src="/mailbox.js" defer></script>`,
  );
}

export function messagePage(message: StoredMessage): Html {
  const title = message.subject || 'No subject';
  return page(
    title,
    html`<nav aria-label="Back"><a href="/">All messages</a></nav>
      <header><h1>${title}</h1></header>
      <dl>
        <dt>From</dt>
        <dd>${message.from}</dd>
        <dt>To</dt>
        <dd>${message.to.join(', ')}</dd>
        <dt>Received</dt>
        <dd>${time(message)}</dd>
        ${message.attachments.length > 0 ? html`<dt>Attached</dt><dd>${message.attachments.join(', ')}</dd>` : ''}
      </dl>
      ${message.html === null ? '' : frame(message, title)}
      <h2>Text</h2>
      <pre>${linked(message.text)}</pre>`,
  );
}

export function notFoundPage(): Html {
  return page(
    'Not found',
    html`<header><h1>No such message</h1></header>
      <p>The mailbox keeps the newest 200 messages. <a href="/">All messages</a></p>`,
  );
}

/** Watches for new mail and says so; the list itself is only replaced, never moved under the pointer. */
export const SCRIPT = `
const list = document.querySelector('#messages');
const status = document.querySelector('#status');
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch('/api/messages' + location.search).catch(() => undefined);
  if (!answer?.ok) { status.textContent = 'The mailbox does not answer.'; return; }
  const { data } = await answer.json();
  if ((data[0]?.id ?? '') === list.dataset.newest) return;
  const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
  list.replaceChildren(...fresh.querySelector('#messages').children);
  list.dataset.newest = data[0]?.id ?? '';
  status.textContent = fresh.querySelector('#status').textContent;
}, 2000);
`;

function listItem(message: StoredMessage): Html {
  return html`<li>
    <a href="/messages/${message.id}">${message.subject || 'No subject'}</a>
    <span>${message.to.join(', ')}</span>
    ${time(message)}
  </li>`;
}

function frame(message: StoredMessage, title: string): Html {
  return html`<h2>Message</h2>
    <iframe
      title="Message: ${title}"
      src="/messages/${message.id}/html"
      sandbox="allow-popups allow-popups-to-escape-sandbox"
    ></iframe>`;
}

function time(message: StoredMessage): Html {
  const readable = message.received_at.replace('T', ' ').slice(0, 19);
  return html`<time datetime="${message.received_at}">${readable} UTC</time>`;
}

function countText(count: number): string {
  if (count === 0) return 'No messages yet.';
  return count === 1 ? '1 message' : `${count} messages`;
}

/** Odd parts of the split are the addresses. */
function linked(text: string): Array<string | Html> {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}" target="_blank" rel="noreferrer">${part}</a>` : part));
}

function page(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Studio mailbox</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c1d22, #ececf1); --soft: light-dark(#5b5d68, #a9abb8);
  --page: light-dark(#fbfbfc, #131418); --line: light-dark(#dcdde3, #33353f); --link: light-dark(#2a4bd0, #9db2ff); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
header p, span, time, dt, #status { color: var(--soft); }
a { color: var(--link); text-underline-offset: .2em; }
a:focus-visible, button:focus-visible, input:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 1.5rem 0 .5rem; }
input, button { font: inherit; color: inherit; background: transparent; border: 1px solid var(--soft); border-radius: 6px; padding: .375rem .75rem; min-height: 2.5rem; }
input { flex: 1 1 12rem; min-width: 0; }
ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
li { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .75rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
li a { grid-column: 1 / -1; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 30rem; border: 1px solid var(--line); border-radius: 8px; background: #fff; color-scheme: light; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 0; }
`;
