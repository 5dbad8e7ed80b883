import type { Message } from '@/lib/adapters/mail/port';

interface Letter {
  to: string;
  subject: string;
  greeting: string;
  paragraphs: string[];
  button?: { label: string; url: string };
  after?: string;
}

/** The words of a letter, as plain text and as quiet HTML that needs no picture and no outside request. */
export function letter({ to, subject, greeting, paragraphs, button, after }: Letter): Message {
  const closing = after ?? 'If you did not ask for this, you can leave this message unanswered: nothing happens.';
  const text = [greeting, ...paragraphs, ...(button === undefined ? [] : [`${button.label}: ${button.url}`]), closing].join('\n\n');
  const html = `<!doctype html><html lang="en"><body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#1c1c1f;background:#fff;padding:24px">
<p>${escape(greeting)}</p>
${paragraphs.map((paragraph) => `<p>${escape(paragraph)}</p>`).join('\n')}
${button === undefined ? '' : `<p><a href="${escape(button.url)}" style="display:inline-block;padding:10px 16px;border-radius:6px;background:#1c1c1f;color:#fff;text-decoration:none">${escape(button.label)}</a></p>`}
<p style="color:#63636b">${escape(closing)}</p>
</body></html>`;
  return { to, subject, text, html };
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
