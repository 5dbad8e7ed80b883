import { parseArgs } from 'node:util';

export const HELP = `Starts Studio on this machine, with stand-ins for what is not configured.

  npm run up -- [options]

  --port N     listen on this port (default 3000, or the one of last time)
  --no-demo    do not put demo data into a new installation
  --dev        reload code as it changes (the same as "npm run dev")
  --reset      delete all local data first; asks before it does
  --yes        with --reset: do not ask
  --help       show this

Configuration comes from the environment or from a file .env; see .env.example.
`;

/** The message is all that a person needs to see: no stack. */
export class StartError extends Error {}

/** Wrong flags or wrong configuration; exit code 2. */
export class UsageError extends StartError {}

export function parseOptions(argv) {
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string' },
        'no-demo': { type: 'boolean', default: false },
        dev: { type: 'boolean', default: false },
        reset: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(`${error.message}\n\n${HELP}`);
  }
  if (values.yes && !values.reset) throw new UsageError('--yes only goes with --reset');
  return { ...values, port: parsePort('--port', values.port), demo: !values['no-demo'] };
}

export function parsePort(name, text) {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new UsageError(`${name} wants a number from 1 to 65535, not "${text}"`);
  }
  return port;
}
