import { z } from 'zod';
import { roles } from '@/lib/identity/access/policy';
import { pageQuery } from '@/lib/kernel/page';

export const roleInput = z.enum(roles, { error: `The role must be one of ${roles.join(', ')}.` });

export const ListMembers = z.strictObject(pageQuery);

export const ChangeRole = z.strictObject({ role: roleInput });

export const MemberView = z.object({
  id: z.string(),
  user: z.object({ id: z.string(), email: z.string(), first_name: z.string(), last_name: z.string() }),
  role: z.enum(roles),
  created_at: z.iso.datetime(),
});

export type MemberView = z.infer<typeof MemberView>;
