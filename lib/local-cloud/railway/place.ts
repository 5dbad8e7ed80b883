import path from 'node:path';
import { limitLines } from './limits';

/** Where programs of this machine lie, Node and npm among them. */
export const PROGRAMS = [path.dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');

export interface Order {
  command: string;
  args: readonly string[];
  cwd: string;
  /** All that the process gets: nothing of this process is passed on. */
  env: Readonly<Record<string, string>>;
}

/** An order as this process carries it out. */
export interface Plan extends Order {
  /** The user and group to start as; this process's own when absent. */
  uid: number | undefined;
}

/** Where processes of apps run. */
export interface Place {
  plan(order: Order): Plan;
}

/** On this machine as it is, with limits; `uid` is a user of their own where there is one. */
export function openPlace(uid: number | undefined): Place {
  const script = [...limitLines(uid !== undefined), 'exec "$@"'].join('\n');
  return {
    plan: ({ command, args, cwd, env }) => ({ command: '/bin/sh', args: ['-c', script, 'sh', command, ...args], cwd, env, uid }),
  };
}
