import { escaped as text } from './markup.mjs';
import { plot } from './plot.mjs';

/**
 * The report as one page that needs nothing else: it is read from a folder, mailed, and kept.
 * @param {object} report what `prove.mjs` writes as report.json
 */
export function reportPage(report) {
  const { suites, started_at: startedAt, commit, seed, scale, machine, not_run: notRun, without_figure: missing, not_built: notBuilt } = report;
  const facts = [
    ['Started', startedAt],
    ['Commit', commit ?? 'unknown'],
    ['Seed', seed],
    ['Scale', scale],
    ['Machine', `${machine.cores} cores, ${machine.processor}, Node ${machine.node}`],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Studio: proof</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Studio: ${verdict(report)}</h1>
${notRun.length === 0 ? '' : `<p class="missed">Not run: ${text(notRun.join(', '))}.</p>`}
${missing.length === 0 ? '' : `<p class="missed">Without a figure: ${text(missing.join(', '))}.</p>`}
<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${text(value)}</dd></div>`).join('')}</dl>
${suites.map(section).join('\n')}
<h2>Not built</h2>
<ul>${Object.entries(notBuilt).map(([id, reason]) => `<li>${text(id)}: ${text(reason)}</li>`).join('')}</ul>
</main>
</body>
</html>
`;
}

/** Proven is only what was tried whole, in every suite. */
function verdict({ passed, scale, not_run: notRun }) {
  if (!passed) return 'not proven';
  return scale === 'whole' && notRun.length === 0 ? 'proven' : `what was tried held, ${scale === 'whole' ? 'in some suites' : 'in a slice'}`;
}

function section({ title, seconds, passed, failed, figures, failures, curves = [] }) {
  return `<section>
<h2>${text(title)} <small>${passed} passed, ${failed} failed, ${Math.floor(seconds / 60)} min ${seconds % 60} s</small></h2>
${failures.length === 0 ? '' : `<p class="missed">Failed:</p><ul>${failures.map((name) => `<li>${text(name)}</li>`).join('')}</ul>`}
<div class="wide" tabindex="0" role="region" aria-label="${text(title)}"><table>
<thead><tr><th>What was tried</th><th>Reached</th><th>Must be</th><th>Requirement</th><th>Result</th></tr></thead>
<tbody>${figures.map(row).join('')}</tbody>
</table></div>
${curves.map((curve) => `<figure>${plot(curve)}<figcaption>${text(curve.title)}</figcaption></figure>`).join('\n')}
</section>`;
}

function row({ requirements, what, reached, bound, pass }) {
  return `<tr><th scope="row">${text(what)}</th><td>${text(reached)}</td><td>${text(bound)}</td><td>${text(requirements.join(', '))}</td><td class="${pass ? 'pass' : 'missed'}">${pass ? 'pass' : 'missed'}</td></tr>`;
}

const style = `
:root { font: 15px/1.5 system-ui, sans-serif; color: #18181b; background: #fff; --line: #e4e4e7; --quiet: #52525b; --pass: #15703a; --missed: #b3201d; --ours: #2f5fd0; --limit: #71717a; }
@media (prefers-color-scheme: dark) { :root { color: #f4f4f5; background: #101012; --line: #2b2b30; --quiet: #a6a6ae; --pass: #5fd38d; --missed: #ff8d86; --ours: #8fb1ff; --limit: #a6a6ae; } }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; } small { font-weight: 400; font-size: .85rem; color: var(--quiet); }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; } dt { color: var(--quiet); font-size: .85rem; } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: start; vertical-align: top; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); } thead th { color: var(--quiet); font-size: .85rem; } tbody th { font-weight: 500; min-width: 14rem; }
.pass { color: var(--pass); } .missed { color: var(--missed); font-weight: 600; }
figure { margin: 1.5rem 0; } figcaption { color: var(--quiet); font-size: .85rem; } svg { max-width: 100%; height: auto; }
`;
