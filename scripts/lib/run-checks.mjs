import { CHECKS } from './checks.mjs';

/** Runs all checks and prints each result. @returns {Promise<{ passed: number, failed: number, failures: string[] }>} */
export async function runChecks(root) {
  const failures = [];
  for (const [title, check] of CHECKS) {
    const started = performance.now();
    const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    try {
      console.log(`pass  ${title}: ${await check(root)} (${seconds()})`);
    } catch (error) {
      failures.push(title);
      console.log(`FAIL  ${title} (${seconds()})\n${indent(error.message)}`);
    }
  }
  return { passed: CHECKS.length - failures.length, failed: failures.length, failures };
}

function indent(text) {
  return text.split('\n').map((line) => `      ${line}`).join('\n');
}
