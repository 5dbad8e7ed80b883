import { z } from 'zod';

/** `owner/name`, as GitHub writes it. */
const repository = z
  .string({ error: 'The repository must be text.' })
  .trim()
  .transform((text) => text.replace(/^https?:\/\/github\.com\//i, '').replace(/(\.git)?\/?$/, ''))
  .pipe(z.string().max(200, { error: 'The repository is longer than 200 characters.' }).regex(/^[\w.-]+\/[\w.-]+$/, { error: 'Name a public repository as owner/name, or paste its address at GitHub.' }));

/** The part of a reference that Docker calls familiar: registry, path, tag or digest. */
const image = z
  .string({ error: 'The image must be text.' })
  .trim()
  .max(300, { error: 'The image is longer than 300 characters.' })
  .regex(/^[a-z0-9][a-z0-9._/:-]*(@sha256:[0-9a-f]{64})?$/, { error: 'Name an image as registry/name:tag, in lower case.' });

const branch = z
  .string({ error: 'The branch must be text.' })
  .trim()
  .max(200, { error: 'The branch is longer than 200 characters.' })
  .regex(/^(?!-)[\w./-]+$/, { error: 'The branch may hold letters, digits and . / _ - alone.' });

const command = z
  .string({ error: 'The command must be text.' })
  .trim()
  .max(1_000, { error: 'The command is longer than 1000 characters.' })
  .regex(/^[^\0\r\n]*$/, { error: 'The command must be one line.' })
  .transform((text) => (text === '' ? null : text));

const folder = z
  .string({ error: 'The folder must be text.' })
  .trim()
  .max(300, { error: 'The folder is longer than 300 characters.' })
  .regex(/^(?!.*\.\.)[\w./ -]*$/, { error: 'The folder is a path inside the repository, without "..".' })
  .transform((text) => text.replace(/^\/+|\/+$/g, '') || null);

const path = z
  .string({ error: 'The path must be text.' })
  .trim()
  .max(300, { error: 'The path is longer than 300 characters.' })
  .regex(/^(\/[^\s?#]*)?$/, { error: 'The path begins with / and has no spaces, for example /health.' })
  .transform((text) => (text === '' ? null : text));

const settings = {
  build_command: command.nullable().default(null),
  start_command: command.nullable().default(null),
  /** Answers 200 once the app serves; Railway waits for it before it sends people there. */
  healthcheck_path: path.nullable().default(null),
};

/** Where an app comes from and how it is run. */
export const Source = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('repository'), repository, branch: branch.default('main'), root_directory: folder.nullable().default(null), ...settings }),
    z.strictObject({ kind: z.literal('image'), image, ...settings }),
    z.strictObject({ kind: z.literal('example') }),
  ],
  { error: 'The kind of the source must be repository, image or example.' },
);

export type Source = z.infer<typeof Source>;
