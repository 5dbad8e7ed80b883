import { readFile } from 'node:fs/promises';

const source = new URL('client.mjs', import.meta.url);
const built = new URL('dist/client.js', import.meta.url);
const publicVariable = /(?<![\w$.])process\.env\.(NEXT_PUBLIC_\w+)(?![\w$])/g;
const serverVariable = /\bprocess\b(?:\s*\.\s*env\b(?:\s*\.\s*\w+)?)?/;

/** What browsers get: client.mjs with the values of its public variables in it, as Next builds it. Nothing else of the environment can get there. */
export async function bundle(env) {
  const lines = (await readFile(source, 'utf8')).split('\n');
  return lines.map((line, index) => inline(line, index + 1, env)).join('\n');
}

/** What `npm run build` left, or else a bundle made now. */
export async function clientScript(env) {
  try {
    return await readFile(built, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return bundle(env);
  }
}

function inline(line, number, env) {
  const [refused] = serverVariable.exec(line.replace(publicVariable, '')) ?? [];
  if (refused !== undefined) {
    throw new Error(`client.mjs, line ${number}: ${refused} is for the server alone. Code for browsers may only use process.env.NEXT_PUBLIC_…, each name written out.`);
  }
  // A variable that is not set is undefined in the browser, as it is with Next.
  return line.replace(publicVariable, (_, name) => String(JSON.stringify(env[name])));
}
