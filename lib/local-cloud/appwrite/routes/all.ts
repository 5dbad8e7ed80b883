import type { Route } from '../route';
import { accountRoutes } from './account';
import { bucketRoutes } from './buckets';
import { columnRoutes } from './columns';
import { databaseRoutes } from './databases';
import { fileRoutes } from './files';
import { healthRoutes } from './health';
import { keyRoutes } from './keys';
import { platformRoutes } from './platforms';
import { projectRoutes } from './projects';
import { rowRoutes } from './rows';
import { tableRoutes } from './tables';
import { teamRoutes } from './teams';
import { tokenRoutes } from './tokens';
import { userRoutes } from './users';

/** Everything the stand-in answers. */
export const routes: readonly Route[] = [
  ...healthRoutes, ...accountRoutes, ...teamRoutes, ...projectRoutes, ...keyRoutes, ...platformRoutes, ...userRoutes, ...databaseRoutes,
  ...tableRoutes, ...columnRoutes, ...rowRoutes, ...bucketRoutes, ...fileRoutes, ...tokenRoutes,
];
