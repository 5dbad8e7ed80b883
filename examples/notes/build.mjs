import './env.mjs';
import { mkdir, writeFile } from 'node:fs/promises';
import { bundle } from './bundle.mjs';

try {
  const script = await bundle(process.env);
  await mkdir(new URL('dist/', import.meta.url), { recursive: true });
  await writeFile(new URL('dist/client.js', import.meta.url), script);
  console.log('Built dist/client.js.');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
