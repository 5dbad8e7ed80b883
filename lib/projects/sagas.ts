import { purge } from './lifecycle/purge';
import { rename } from './lifecycle/rename';
import { restore, silence } from './lifecycle/silence';
import { provision } from './provision/saga';
import type { AnySaga } from '@/lib/sagas/definition';

/** The sagas of a project itself, by their kind. */
export const projectSagas = { provision, silence, restore, rename, purge } satisfies AnySaga;
