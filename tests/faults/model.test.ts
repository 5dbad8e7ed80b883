import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figure, proof, scaled } from '../support/figure';
import { orphansOf } from './invariants';
import { commands, Count } from './model/commands';
import type { Model } from './model/model';
import { Real } from './model/real';

/** Histories on one database; the list that Appwrite shows would grow for ever otherwise. */
const historiesOfOneStudio = 15;

/** A history that failed, and what failed in it. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n${told(error.cause)}`;
}

/**
 * Random histories of two organizations against a model of a few lines: what each verb must answer, where workers may
 * leave a project, and what must hold on both sides once all work is done, whatever crashed or was away in between.
 */
describe(`random histories (seed ${proof.seed})`, () => {
  it('end as the model says, with the same on both sides', { timeout: scaled(240_000, 3_600_000) }, async (context) => {
    const wanted = scaled(200, 10_000);
    const count = new Count();
    const sums = { histories: 0, projects: 0, orphans: 0 };
    const violations: string[] = [];
    for (let round = 0; count.commands < wanted && violations.length === 0; round += 1) {
      const real = await Real.open();
      try {
        await fc.assert(
          fc.asyncProperty(commands(count, 120), async (history) => {
            if (count.commands >= wanted) return;
            await real.newTenants();
            const model: Model = { projects: [], appwriteUp: true };
            await fc.asyncModelRun(() => ({ model, real }), history);
            const found = await real.settle(model.projects.map(({ id }) => id));
            sums.histories += 1;
            sums.projects += model.projects.length;
            sums.orphans += found.reduce((sum, each) => sum + orphansOf(each), 0);
          }),
          { seed: proof.seed + round, numRuns: historiesOfOneStudio, endOnFailure: true },
        ).catch((error: unknown) => violations.push(told(error)));
      } finally {
        await real.studio.close();
      }
    }
    const kinds = [...count.byName].sort(([a], [b]) => a.localeCompare(b)).map(([name, times]) => `${times} ${name}`).join(', ');
    console.info(`model: ${kinds}`);
    expect.soft(violations).toEqual([]);
    figure(context, {
      requirements: ['P1', 'P3', 'P5', 'P10'],
      what: 'Commands of random histories against a model, over two organizations',
      reached: `${count.commands} commands in ${sums.histories} histories of ${sums.projects} projects with ${count.crashes} crashes; ${violations.length} violations, ${sums.orphans} orphans; seed ${proof.seed}`,
      bound: `at least ${wanted} commands, 0 violations, 0 orphans`,
      pass: count.commands >= wanted && violations.length + sums.orphans === 0,
    });
  });
});
