import { z } from 'zod';
import { roles } from '@/lib/identity/access/policy';
import { pageQuery } from '@/lib/kernel/page';

export const roleInput = z.enum(roles, { error: `The role must be one of ${roles.join(', ')}.` });

/** A minus turns an order round; roles are ordered by what they may do. */
export const memberOrders = ['created_at', '-created_at', 'name', '-name', 'role', '-role'] as const;
export type MemberOrder = (typeof memberOrders)[number];

export const ListMembers = z.strictObject({
  ...pageQuery,
  sort: z.enum(memberOrders, { error: `sort must be one of ${memberOrders.join(', ')}.` }).default('created_at'),
});

export const ChangeRole = z.strictObject({ role: roleInput });

export const MemberView = z.object({
  id: z.string(),
  user: z.object({ id: z.string(), email: z.string(), first_name: z.string(), last_name: z.string() }),
  role: z.enum(roles),
  created_at: z.iso.datetime(),
});

export type MemberView = z.infer<typeof MemberView>;
