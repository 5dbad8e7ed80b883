import { errorCodes, type ErrorCode } from '@/lib/kernel/errors';

/** The page that the `type` of every problem leads to, at the anchor of its code. */
export const problemGuidePath = '/api/docs/problems';

interface Kind {
  title: string;
  meaning: string;
  remedy: string;
}

export const problemKinds: Record<ErrorCode, Kind> = {
  invalid_input: {
    title: 'The input is not valid',
    meaning: 'The request was read, and a value in it breaks a rule. The member errors names each field by a JSON pointer and says what is wrong with it.',
    remedy: 'Correct the named fields and send the request again. The same answer comes when an Idempotency-Key is used for another request than its first one.',
  },
  malformed_request: {
    title: 'The request cannot be read',
    meaning: 'The body is no JSON, a header or a cursor has the wrong form, or the text has broken characters.',
    remedy: 'Compare the request with the API reference. Sending the same again changes nothing.',
  },
  unauthenticated: {
    title: 'Not signed in',
    meaning: 'There is no session, access token or API key, or it has ended, was revoked or is not known here.',
    remedy: 'Sign in again, or send a key that works as Authorization: Bearer.',
  },
  step_up_required: {
    title: 'Password needed again',
    meaning: 'What was asked for reaches a stored secret, and the password was last given more than five minutes ago.',
    remedy: 'Give the password again, then repeat the request.',
  },
  forbidden: {
    title: 'Not allowed',
    meaning: 'You belong to the organization, and your role or key lacks the right that the member right names; or the request came from another site than this one.',
    remedy: 'Ask an owner or admin for a role that has the right, or use another key.',
  },
  quota_exceeded: {
    title: 'The plan is used up',
    meaning: 'The organization has as many of these as its plan allows.',
    remedy: 'Remove what is no longer needed, or change the plan. The usage page shows what is counted.',
  },
  not_found: {
    title: 'Not found',
    meaning: 'There is no such thing, or you cannot see it. The two are not told apart, so that ids of others cannot be tried.',
    remedy: 'Check the id and the account that you are signed in with.',
  },
  method_not_allowed: {
    title: 'Method not allowed',
    meaning: 'The address exists and does not answer this method. The header Allow lists those it answers.',
    remedy: 'Use one of the methods in Allow.',
  },
  conflict: {
    title: 'Conflict',
    meaning: 'What was asked for does not fit what is there now: a name is taken, a change is under way, or something else was changed first.',
    remedy: 'Read the current state and decide anew. With a Retry-After, wait that long and send the same again.',
  },
  gone: {
    title: 'No longer there',
    meaning: 'It existed, and its time is over: a link that was used or has expired, a project that can no longer be restored.',
    remedy: 'Ask for a new link, or make it anew.',
  },
  payload_too_large: {
    title: 'Too large',
    meaning: 'The body is larger than this address takes.',
    remedy: 'Send less at once.',
  },
  rate_limited: {
    title: 'Too many requests',
    meaning: 'There were more requests or attempts than are allowed in this time.',
    remedy: 'Wait as many seconds as Retry-After says. The RateLimit headers tell in advance how many are left.',
  },
  unavailable: {
    title: 'Not available right now',
    meaning: 'Something that this needs does not answer, or too much is going on at once.',
    remedy: 'Try again after Retry-After. If the answer says that the change may have been made, look whether it is there first.',
  },
  internal: {
    title: 'Something failed on our side',
    meaning: 'An error that nobody foresaw. It is in the log under the request id.',
    remedy: 'Try again later. If it stays, tell the operator the request_id of the answer.',
  },
};

/** Every kind of problem with its meaning and what to do, one anchor each. */
export function problemGuidePage(): Response {
  // Text of ours alone, in a page that runs nothing and loads nothing but its icon.
  return new Response(page(), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=3600',
      'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  });
}

function page(): string {
  const codes = Object.keys(errorCodes).filter((code): code is ErrorCode => code in problemKinds);
  const sections = codes.map((code) => section(code, problemKinds[code]));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Problems of the Studio API</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/icon.svg" type="image/svg+xml">
<style>${style}</style></head>
<body><main><p><a href="/api/docs">API reference</a></p><h1>Problems</h1>
<p>Every refusal and failure is <code>application/problem+json</code> (RFC 9457). Its <code>type</code> leads here, its <code>code</code> is stable, its <code>detail</code> is for people and may change.</p>
${sections.join('\n')}
</main></body></html>`;
}

function section(code: ErrorCode, { title, meaning, remedy }: Kind): string {
  return `<section id="${code}" aria-labelledby="${code}-title"><h2 id="${code}-title"><a href="#${code}">${title}</a></h2><p class="code"><code>${code}</code> · ${errorCodes[code]}</p><p>${meaning}</p><p><strong>What to do.</strong> ${remedy}</p></section>`;
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1c1d24, #ececf1); --muted: light-dark(#55576a, #a9abbd); --line: light-dark(#dfe0e8, #33343f); --accent: light-dark(#4338ca, #a5b4fc); --mark: light-dark(#eef0ff, #22243a); }
body { margin: 0; color: var(--ink); background: light-dark(#fbfbfd, #14151a); font: 16px/1.6 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 2.5rem 1.25rem 6rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.125rem; margin: 0; }
a { color: var(--accent); }
h2 a { color: inherit; text-decoration: none; }
h2 a:hover { text-decoration: underline; }
section { border-top: 1px solid var(--line); padding: 1.25rem 1rem; margin: 0 -1rem; scroll-margin-top: 1rem; }
section:target { background: var(--mark); }
p { margin: .5rem 0; }
.code { color: var(--muted); }
code { font: .875em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
`;
