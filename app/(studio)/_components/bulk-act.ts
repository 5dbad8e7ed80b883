import type { ReactNode } from 'react';

/** One act for many rows. */
export interface BulkAct {
  /** The verb on the buttons, `Revoke` for example. */
  verb: string;
  /** What one and many of them are called. */
  noun: readonly [one: string, many: string];
  nameOf: (id: string) => string;
  act: (id: string) => Promise<unknown>;
  onChanged: () => Promise<unknown>;
  /** Exactly what is lost. */
  children: ReactNode;
}

/** `1 key`, `3 keys`. */
export function countOf(count: number, [one, many]: BulkAct['noun']): string {
  return `${count} ${count === 1 ? one : many}`;
}
