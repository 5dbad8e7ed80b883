import { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { AppError } from '@/lib/kernel/errors';

export const CallerView = z.object({ kind: z.enum(['user', 'api_key']), name: z.string() });

export type CallerView = z.infer<typeof CallerView>;

/** Who the credential of this request stands for, as the session check knows it: nothing more is read. */
export function describeCaller({ actor }: Ctx): CallerView {
  if (actor.kind !== 'user' && actor.kind !== 'api_key') throw new AppError('unauthenticated', 'Sign in to do this.');
  return { kind: actor.kind, name: actor.name };
}
