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
  'app/page.jsx': `import { headers } from 'next/headers';

export default async function Page() {
  const asked = await headers();
  return <main><h1>Hello</h1><p>{asked.get('host')}</p></main>;
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
