import type { ProofReport, Tried } from './schemas';

interface Shown {
  report: ProofReport;
  keyId: string;
  jws: string;
  /** Where the public keys are published. */
  keysUrl: string;
}

/** A page that needs nothing else, to be kept and passed on; the signed text is at its end. */
export function reportPage({ report, keyId, jws, keysUrl }: Shown): string {
  const { organization, installation, started_at: started, finished_at: finished, requested_by: requester, probes, leaks, searched_for: ids, actors, found } = report;
  const facts = [
    ['Organization', `${organization.name} (${organization.id})`],
    ['Studio', installation],
    ['Asked for by', requester?.name ?? 'somebody who has left'],
    ['Time', `${started} to ${finished}`],
    ['Probes', `${probes}, each answer searched for ${ids} ids of the organization`],
    ['Leaks', String(leaks)],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${text(`Proof of isolation: ${organization.name}`)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${leaks === 0 ? 'Nothing of the organization could be reached' : leaks === 1 ? '1 probe reached something of the organization' : `${leaks} probes reached something of the organization`}</h1>
<p>A stranger with an organization of their own tried to read it: every table and column of the database, and every address of the API that reads. Pages, live streams and the gateway to Appwrite are tried by the test suites of Studio, not here. All of it was read-only; the stranger and their organization are gone, but for two lines of the audit log that say that they were made.</p>
<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${text(value ?? '')}</dd></div>`).join('')}</dl>
<h2>Who tried</h2>
<ul>${actors.map(({ name, description }) => `<li><strong>${text(name)}</strong>: ${text(description)}</li>`).join('')}</ul>
${found.length === 0 ? '' : `<h2>${text(reachedTitle(report))}</h2><ul>${found.map(({ object, actor, probe, saw }) => `<li>${text(`${object}, ${probe}, as ${actor}: ${saw}`)}</li>`).join('')}</ul>`}
${table('Tables of the database', report.database)}
${table('Addresses of the API', report.api)}
<h2>Signature</h2>
<p>Signed with the Ed25519 key ${text(keyId)}, which ${text(keysUrl)} publishes. The text below is the signed report as a JSON Web Signature; any JOSE library verifies it.</p>
<pre>${text(jws)}</pre>
</main>
</body>
</html>
`;
}

/** The report names the first of them. */
export function reachedTitle({ leaks, found }: Pick<ProofReport, 'leaks' | 'found'>, named = found.length): string {
  return named < leaks ? `What was reached, the first ${named} of ${leaks}` : 'What was reached';
}

function table(title: string, rows: readonly Tried[]): string {
  const cells = rows.map(({ object, probes, refused, empty, leaks, not_tried: reason }) =>
    reason === undefined
      ? `<tr><th scope="row">${text(object)}</th><td>${probes}</td><td>${refused}</td><td>${empty}</td><td class="${leaks === 0 ? 'none' : 'some'}">${leaks}</td></tr>`
      : `<tr><th scope="row">${text(object)}</th><td colspan="4">Not tried: ${text(reason)}</td></tr>`,
  );
  return `<h2>${title}</h2>
<div class="wide" tabindex="0" role="region" aria-label="${title}"><table><thead><tr><th>What</th><th>Probes</th><th>Refused</th><th>Empty</th><th>Leaks</th></tr></thead><tbody>${cells.join('')}</tbody></table></div>`;
}

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { font: 15px/1.5 system-ui, sans-serif; color: #18181b; background: #fff; --line: #e4e4e7; --quiet: #52525b; --none: #15703a; --some: #b3201d; }
@media (prefers-color-scheme: dark) { :root { color: #f4f4f5; background: #101012; --line: #2b2b30; --quiet: #a6a6ae; --none: #5fd38d; --some: #ff8d86; } }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; } h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
dt { color: var(--quiet); font-size: .85rem; } dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: start; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); } thead th { color: var(--quiet); font-size: .85rem; } tbody th { font-weight: 500; }
.none { color: var(--none); } .some { color: var(--some); font-weight: 600; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .75rem; color: var(--quiet); }
`;
