export type RunResult = { code: number; signal: NodeJS.Signals | null; output: string };

export function run(
  command: string,
  args: readonly string[],
  options?: {
    user?: { uid: number; gid: number };
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    timeoutMs?: number;
    inherit?: boolean;
  },
): Promise<RunResult>;

export function isAlive(pid: number): boolean;
export function commandLine(pid: number): Promise<string | undefined>;
export function startMark(pid: number): Promise<string | undefined>;
export function isSameProcess(pid: number, mark: string | undefined): Promise<boolean>;
export function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean>;
