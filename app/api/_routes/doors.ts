import { deploymentDoors } from './deployments/deployments';
import { railwayDoors } from './deployments/railway';
import { serviceDoors } from './deployments/services';
import { apiKeyDoors } from './identity/api-keys';
import { authDoors } from './identity/auth';
import { invitationDoors } from './identity/invitations';
import { memberDoors } from './identity/members';
import { organizationDoors } from './identity/organizations';
import { userDoors } from './identity/users';
import { dataDoors } from './projects/data';
import { envDoors } from './projects/env';
import { environmentDoors } from './projects/environments';
import { keyDoors } from './projects/keys';
import { platformDoors } from './projects/platforms';
import { projectDoors } from './projects/projects';
import { auditDoors } from './trust/audit';
import { proofDoors } from './trust/proofs';
import { usageDoors } from './trust/usage';
import { deliveryDoors } from './webhooks/deliveries';
import { webhookDoors } from './webhooks/webhooks';

/** Every door of the API. */
export const doors = [
  ...authDoors,
  ...userDoors,
  ...organizationDoors,
  ...memberDoors,
  ...invitationDoors,
  ...apiKeyDoors,
  ...projectDoors,
  ...envDoors,
  ...environmentDoors,
  ...keyDoors,
  ...platformDoors,
  ...dataDoors,
  ...webhookDoors,
  ...deliveryDoors,
  ...railwayDoors,
  ...serviceDoors,
  ...deploymentDoors,
  ...auditDoors,
  ...proofDoors,
  ...usageDoors,
];

/** `/api/v1` is canonical; the same doors answer under the platform's family too. */
export const families = ['/api/v1', '/api/platform'];
