import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { configured } from '../../scripts/lib/programs.mjs';

const files = {
  'package.json': '{ "private": true, "type": "module" }\n',
  'app/layout.jsx': `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
  // Reading the request makes the page dynamic.
  // Reading the request makes the page dynamic. As many rows and about as many bytes as the page it is held against.
  'app/page.jsx': `import { headers } from 'next/headers';

const rows = Array.from({ length: 25 }, (_, n) => ({ id: 'prj_' + String(n).padStart(26, '0'), name: 'Project ' + n, at: new Date(1.75e12 + n).toISOString() }));
const cell = 'h-11 px-4 py-2 align-middle whitespace-nowrap text-muted sm:table-cell';

export default async function Page() {
  const asked = await headers();
  return (
    <main className="mx-auto w-full px-4 py-6">
      <h1>Projects</h1>
      <p>{asked.get('host')}</p>
      <table>
        <tbody>
          {rows.map(({ id, name, at }) => (
            <tr key={id} className="border-b border-line last:border-b-0 hover:bg-sunken">
              <td className={cell}><a className="block truncate font-medium hover:underline" href={'/bench/projects/' + id}>{name}</a></td>
              <td className={cell}><span className="inline-flex max-w-full items-center gap-1 rounded-full px-2 py-0.5 text-xs">Ready</span></td>
              <td className={cell}>Next.js</td>
              <td className={cell}>{id}</td>
              <td className={cell}><time dateTime={at}>{at}</time></td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}
`,
};

/** Writes and builds the least Next app with one dynamic page. It lies inside the repository, where its packages are found. */
export async function buildBareNext(root: string): Promise<string> {
  const folder = path.join(root, 'artifacts/bench-next');
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, 'app'), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  await writeFile(path.join(folder, 'next.config.mjs'), `export default { turbopack: { root: ${JSON.stringify(root)} } };\n`);
  await promisify(execFile)(process.execPath, [path.join(root, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: folder,
    env: { PATH: configured('PATH') ?? '', HOME: configured('HOME') ?? '', NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  });
  return folder;
}
