export function takeLock(dataDir: string): Promise<{
  release?: () => Promise<void>;
  holder?: { pid: number; mark: string };
}>;
