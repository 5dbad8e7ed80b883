export function parseOptions(args: readonly string[]): {
  port: number | undefined;
  demo: boolean;
  dev: boolean;
  reset: boolean;
  yes: boolean;
  help: boolean;
};
