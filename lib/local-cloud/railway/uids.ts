import { ApiError } from './errors';
import { UIDS } from './uid-block';
import type { Store } from './state';

/** The lowest user number of the block that no instance has. Without a block it stands for nothing. */
export function nextUid({ firstUid, instances }: Store['data']): number {
  const first = firstUid ?? 0;
  const taken = new Set(instances.map(({ uid }) => uid));
  for (let uid = first; uid < first + UIDS; uid += 1) if (!taken.has(uid)) return uid;
  throw new ApiError(`The local stand-in for Railway keeps at most ${UIDS} services.`);
}
