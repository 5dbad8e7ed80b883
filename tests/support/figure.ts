import { expect, inject, type TestContext } from 'vitest';

/** One line of the report that `npm run prove` writes: what was tried, what came of it, and what it is held against. */
export interface Figure {
  /** Ids of the requirements that it proves, R3 for example. */
  requirements: string[];
  what: string;
  reached: string;
  bound: string;
  pass: boolean;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** `whole` for `npm run prove`, a bounded slice otherwise; one seed for everything that is drawn. */
    proof: { whole: boolean; seed: number };
  }
  interface TaskMeta {
    figures?: Figure[];
  }
}

export const proof = inject('proof');

/** How many times something is tried: few in a test run, many in a proof. */
export function scaled(slice: number, whole: number): number {
  return proof.whole ? whole : slice;
}

/** Some of them in a test run, the same for the same seed; all of them in a proof. */
export function drawn<Item>(all: readonly Item[], everyNth: number): readonly Item[] {
  return proof.whole ? all : all.filter((_, index) => (index + proof.seed) % everyNth === 0);
}

/** Puts a line into the report, and fails the test when the bound is missed: report and tests cannot differ. */
export function figure({ task }: Pick<TestContext, 'task'>, line: Figure): void {
  (task.meta.figures ??= []).push(line);
  console.info(`${line.requirements.join(' ')} ${line.what}: ${line.reached} (must be ${line.bound})`);
  expect(line.pass, `${line.what}: ${line.reached}, but must be ${line.bound}`).toBe(true);
}
