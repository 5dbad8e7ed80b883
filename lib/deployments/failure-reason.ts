import type { Status } from './schemas';

export const cancelledReason = 'It was cancelled before it was up.';

/** Why a deployment is not up, from the state in which Railway left it, in words for a person. */
export function failureReason(status: Status): string {
  switch (status) {
    case 'CRASHED':
      return 'The app ended soon after its start, again and again. Look at its runtime log.';
    case 'REMOVED':
    case 'REMOVING':
      return 'It was removed at Railway before it was up.';
    case 'SKIPPED':
      return 'Railway skipped it, because nothing that it watches has changed.';
    default:
      return 'Railway could not build or start it. The build log says where it ended; an app that never answers on PORT ends here too.';
  }
}
