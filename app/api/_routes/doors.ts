import { authDoors } from './identity/auth';
import { organizationDoors } from './identity/organizations';
import { userDoors } from './identity/users';

/** Every door of the API. */
export const doors = [...authDoors, ...userDoors, ...organizationDoors];

/** `/api/v1` is canonical; the same doors answer under the platform's family too. */
export const families = ['/api/v1', '/api/platform'];
