import type { AnySaga } from '@/lib/sagas/definition';
import { deploy } from './saga/deploy';
import { removeService } from './saga/remove-service';
import { rollback } from './saga/rollback';

/** The sagas of a service, by their kind. */
export const deploymentSagas = { deploy, rollback, 'remove-service': removeService } satisfies AnySaga;
