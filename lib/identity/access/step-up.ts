import { AppError } from '@/lib/kernel/errors';
import type { Access } from './within';

/** How long the password counts as just given; a fresh sign-in counts too. */
const stepUpMs = 5 * 60_000;

/** Refuses what needs the password again. Only a person's session can have given it. */
export function demandStepUp({ steppedUpMs }: Access): void {
  if (steppedUpMs !== null && steppedUpMs <= stepUpMs) return;
  throw new AppError('step_up_required', 'Enter your password again to do this. It counts for five minutes.');
}
