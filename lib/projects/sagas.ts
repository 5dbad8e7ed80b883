import { purge } from './lifecycle/purge';
import { rename } from './lifecycle/rename';
import { restore, silence } from './lifecycle/silence';
import { provision } from './provision/saga';
import type { AnySaga } from '@/lib/sagas/definition';

/** Every saga by its kind. */
export const sagas: AnySaga = { provision, silence, restore, rename, purge };
