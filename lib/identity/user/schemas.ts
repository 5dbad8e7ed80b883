import { dictionary } from '@zxcvbn-ts/language-common';
import { z } from 'zod';
import { email, line } from '@/lib/kernel/text';

const common = new Set(dictionary['passwords-common']);

const typedPassword = z
  .string({ error: 'The password must be text.' })
  .min(1, { error: 'Type your password.' })
  .max(400, { error: 'The password must not be longer than 200 characters.' });

export const newPassword = z
  .string({ error: 'The password must be text.' })
  .min(10, { error: 'The password needs at least 10 characters.' })
  .refine((text) => text.length <= 400 && [...text].length <= 200, { error: 'The password must not be longer than 200 characters.' })
  .refine((text) => !common.has(text.toLowerCase()), { error: 'This password is on the lists of those that are tried first. Choose another one.' })
  .refine((text) => new Set(text).size >= 4, { error: 'The password repeats too few characters. Mix more of them.' });

const token = z.string({ error: 'The token must be text.' }).min(20, { error: 'The link is not complete. Open it from the e-mail again.' }).max(100, { error: 'The link is not complete. Open it from the e-mail again.' });

export const Register = z.strictObject({
  email,
  password: newPassword,
  first_name: line('The first name', { most: 100 }),
  last_name: line('The last name', { most: 100 }),
  /** From an invitation's letter; the confirmation link carries it on, so that one press confirms and accepts. */
  invitation_token: token.optional(),
});

export const Login = z.strictObject({
  email,
  password: typedPassword,
  /** Binds the access token to one organization (`org_…`). */
  organization_id: z.string().max(40).optional(),
});

export const EmailOnly = z.strictObject({ email });
/** The password of the registration is needed in another browser than the one that registered. */
export const VerifyEmail = z.strictObject({ token, password: typedPassword.optional() });
export const ResetPassword = z.strictObject({ token, password: newPassword });
export const ChangePassword = z.strictObject({ current_password: typedPassword, new_password: newPassword });
export const StepUp = z.strictObject({ password: typedPassword });

export const UpdateProfile = z
  .strictObject({
    first_name: line('The first name', { most: 100 }).optional(),
    last_name: line('The last name', { most: 100 }).optional(),
  })
  .refine((input) => Object.keys(input).length > 0, { error: 'Name at least one field to change.' });

export const UserView = z.object({
  id: z.string(),
  email: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  avatar_url: z.string().nullable(),
  email_verified: z.boolean(),
  created_at: z.iso.datetime(),
});

export type UserView = z.infer<typeof UserView>;
