import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMailStandIn } from './server';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const List = z.object({ data: z.array(z.object({ id: z.string(), to: z.array(z.string()), subject: z.string(), text: z.string(), html: z.string().nullable() })) });

type Running = Awaited<ReturnType<Awaited<ReturnType<typeof createMailStandIn>>['listen']>>;
let folder: string;
let running: Running;

async function start(): Promise<void> {
  const standIn = await createMailStandIn({ folder, log: silent, mode: 'local' });
  running = await standIn.listen({ smtp: 0, mailbox: 0 });
}

async function send(fields: { to: string; subject: string; text?: string; html?: string }): Promise<void> {
  const transport = createTransport({ url: running.smtpUrl });
  await transport.sendMail({ from: 'Studio <studio@localhost>', ...fields });
  transport.close();
}

async function list(to?: string) {
  const url = new URL('/api/messages', running.mailboxUrl);
  if (to !== undefined) url.searchParams.set('to', to);
  return List.parse(await (await fetch(url)).json()).data;
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'studio-mail-'));
  await start();
});

afterEach(async () => {
  await running.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the local mailbox', () => {
  it('keeps a message with its recipient, subject and both bodies', async () => {
    await send({ to: 'ada@example.com', subject: 'Bestätigen 🚀', text: 'Open http://localhost/verify#token=abc', html: '<p>Hi</p>' });
    expect(await list()).toMatchObject([
      { to: ['ada@example.com'], subject: 'Bestätigen 🚀', text: expect.stringContaining('#token=abc'), html: expect.stringContaining('<p>Hi</p>') },
    ]);
  });

  it('lists newest first and narrows to a recipient whatever the case', async () => {
    await send({ to: 'ada@example.com', subject: 'one' });
    await send({ to: 'bob@example.com', subject: 'two' });
    await send({ to: 'ada@example.com', subject: 'three' });
    expect((await list()).map(({ subject }) => subject)).toEqual(['three', 'two', 'one']);
    expect((await list('ADA@example.com')).map(({ subject }) => subject)).toEqual(['three', 'one']);
    expect(await list('nobody@example.com')).toEqual([]);
  });

  it('still has its messages after a restart', async () => {
    await send({ to: 'ada@example.com', subject: 'kept' });
    await running.close();
    await start();
    expect((await list()).map(({ subject }) => subject)).toEqual(['kept']);
  });

  it('keeps 200 messages and lets the oldest go, on disk too', async () => {
    const transport = createTransport({ url: running.smtpUrl, pool: true });
    for (let n = 1; n <= 203; n += 1) await transport.sendMail({ from: 'a@b.c', to: 'ada@example.com', subject: `n${n}` });
    transport.close();
    const subjects = (await list()).map(({ subject }) => subject);
    expect([subjects.length, subjects.at(0), subjects.at(-1)]).toEqual([200, 'n203', 'n4']);
    expect((await readdir(folder)).length).toBe(200);
  });

  it('shows foreign markup only in a sandboxed frame that may run and load nothing', async () => {
    const attack = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    await send({ to: 'ada@example.com', subject: attack, text: attack, html: attack });
    const [message] = await list();
    const page = await fetch(`${running.mailboxUrl}/messages/${message?.id}`);
    const text = await page.text();
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('<img src=x');
    expect(text).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    const body = await fetch(`${running.mailboxUrl}/messages/${message?.id}/html`);
    expect(body.headers.get('content-security-policy')).toMatch(/^sandbox allow-popups .*default-src 'none'/);
    expect(await body.text()).toContain('onerror');
  });

  it('turns only web addresses of a text into links', async () => {
    await send({ to: 'ada@example.com', subject: 's', text: 'go to http://localhost:3000/x?a=1&b=2#token=t or javascript:alert(1)' });
    const [message] = await list();
    const text = await (await fetch(`${running.mailboxUrl}/messages/${message?.id}`)).text();
    expect(text).toContain('href="http://localhost:3000/x?a=1&amp;b=2#token=t"');
    expect(text).not.toContain('href="javascript');
  });

  it('answers an unknown message with 404 and a foreign host name with 421', async () => {
    expect((await fetch(`${running.mailboxUrl}/messages/none`)).status).toBe(404);
    expect((await fetch(`${running.mailboxUrl}/api/messages/none`)).status).toBe(404);
    expect(await statusFor('attacker.example')).toBe(421);
    expect(await statusFor(new URL(running.mailboxUrl).host)).toBe(200);
  });

  it('refuses a message that is too large and goes on', async () => {
    await expect(send({ to: 'ada@example.com', subject: 'big', text: 'x'.repeat(6_000_000) })).rejects.toThrow(/552|size|bytes/i);
    await send({ to: 'ada@example.com', subject: 'small' });
    expect((await list()).map(({ subject }) => subject)).toEqual(['small']);
  });

  it('survives a peer that speaks no SMTP and hangs up', async () => {
    const socket = connect(Number(new URL(running.smtpUrl).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nDATA\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    await send({ to: 'ada@example.com', subject: 'after' });
    expect(await list()).toHaveLength(1);
  });

  it('does not start in production', async () => {
    await expect(createMailStandIn({ folder, log: silent, mode: 'production' })).rejects.toThrow(/SMTP_URL/);
  });
});

function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpRequest(`${running.mailboxUrl}/api/messages`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}
