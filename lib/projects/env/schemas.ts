import { z } from 'zod';
import { exportFormats } from './manifest';

export const environmentNames = ['production', 'staging', 'preview'] as const;
export type EnvironmentName = (typeof environmentNames)[number];

export const environmentName = z.enum(environmentNames, { error: `The environment must be ${environmentNames.slice(0, -1).join(', ')} or ${environmentNames.at(-1)}.` });

/** Which environment's variables are meant. */
export const OfEnvironment = z.strictObject({ environment: environmentName.default('production') });

/** How the variables are written down. */
export const ExportEnv = OfEnvironment.extend({ format: z.enum(exportFormats, { error: `The format must be ${exportFormats.slice(0, -1).join(', ')} or ${exportFormats.at(-1)}.` }).default('dotenv') });

export const EnvView = z.object({
  variables: z.array(
    z.object({
      name: z.string(),
      secret: z.boolean(),
      /** `generated` ones follow the backend and its keys; `user` ones are set by people, and `reference` ones refer to a variable that Railway fills in. A secret is never opened to find out. */
      source: z.enum(['generated', 'user', 'reference']),
      /** Null for a secret: only an export shows it. */
      value: z.string().nullable(),
      preview: z.string(),
      updated_at: z.string().nullable(),
      /** Who set it last; null for generated ones, and where that person is no longer known. */
      updated_by: z.string().nullable(),
    }),
  ),
  /** Counts every change of the variables that people set. */
  version: z.int(),
});

export type EnvView = z.infer<typeof EnvView>;
export type VariableView = EnvView['variables'][number];

const variable = z.strictObject(
  {
    name: z.string({ error: 'The name must be text.' }),
    /** Left out: the value stays as it is, which is how a secret is kept that nobody can read any more. */
    value: z.string({ error: 'The value must be text.' }).optional(),
    /** Left out: as it was, else a secret unless its name says that it goes to browsers. */
    secret: z.boolean({ error: 'secret must be true or false.' }).optional(),
  },
  { error: 'A variable is an object with name and value.' },
);

export const ChangeVariables = z
  .strictObject({
    variables: z.array(variable, { error: 'variables must be a list.' }).max(500, { error: 'Send at most 500 variables at once.' }).optional(),
    /** The text of a `.env` file, in the place of `variables`. Generated variables in it are left alone. */
    dotenv: z.string({ error: 'dotenv must be text.' }).max(600_000, { error: 'The text is longer than 600000 characters. Send less at a time.' }).optional(),
    remove: z.array(z.string({ error: 'remove holds names.' }), { error: 'remove must be a list of names.' }).max(500, { error: 'Remove at most 500 variables at once.' }).default([]),
    /** Removes every variable that is not named. */
    replace: z.boolean({ error: 'replace must be true or false.' }).default(false),
    /** Answers what would happen, and changes nothing. */
    preview: z.boolean({ error: 'preview must be true or false.' }).default(false),
    /** The version that was looked at; a change in between is then a `conflict`. */
    version: z.int({ error: 'version must be a whole number.' }).optional(),
  })
  .refine(({ variables, dotenv }) => variables === undefined || dotenv === undefined, { error: 'Send variables or dotenv, not both.', path: ['dotenv'] })
  .refine(({ variables, dotenv, replace }) => !replace || variables !== undefined || dotenv !== undefined, { error: 'replace needs variables or dotenv: what is to stay.', path: ['replace'] });

export const VariableChanges = z.object({
  added: z.array(z.string()),
  changed: z.array(z.string()),
  removed: z.array(z.string()),
  unchanged: z.array(z.string()),
  /** Generated variables that the text named and that stay as the backend gives them. */
  protected: z.array(z.string()),
  version: z.int(),
});

export type ChangeVariables = z.infer<typeof ChangeVariables>;
export type VariableChanges = z.infer<typeof VariableChanges>;

export const CopyVariables = z.strictObject({ from: environmentName });

export const CopiedVariables = z.object({
  copied: z.array(z.string()),
  /** Names that were there already and stay as they were. */
  skipped: z.array(z.string()),
  version: z.int(),
});

export type CopiedVariables = z.infer<typeof CopiedVariables>;
