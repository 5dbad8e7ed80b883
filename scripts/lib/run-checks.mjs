import { CHECKS } from './checks.mjs';

/** Runs all checks and prints each result. @returns {Promise<{ passed: number, failed: number }>} */
export async function runChecks(root) {
  let failed = 0;
  for (const [title, check] of CHECKS) {
    const started = performance.now();
    const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    try {
      console.log(`pass  ${title}: ${await check(root)} (${seconds()})`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${title} (${seconds()})\n${indent(error.message)}`);
    }
  }
  return { passed: CHECKS.length - failed, failed };
}

function indent(text) {
  return text.split('\n').map((line) => `      ${line}`).join('\n');
}
