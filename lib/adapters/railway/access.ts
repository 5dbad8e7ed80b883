import { systemClock } from '@/lib/kernel/clock';
import { createRailways, type Railways } from './graphql/railways';

/** Railway's own address of its API. */
const publicEndpoint = 'https://backboard.railway.com/graphql/v2';

/** The example that the local Railway carries along. */
const localExample = 'studio/example-notes';

/** Railway for whoever has a token, and what an installation knows about it. */
export interface RailwayAccess extends Railways {
  /** The token of the Railway of this machine; null where there is none. */
  readonly localToken: string | null;
  /** The repository of the example app, where it can be deployed from. */
  readonly exampleRepository: string | null;
}

interface RailwaySettings {
  STUDIO_MODE: 'local' | 'production';
  RAILWAY_API_URL?: string | undefined;
  LOCAL_RAILWAY_TOKEN?: string | undefined;
}

export function createRailwayAccess({ STUDIO_MODE: mode, RAILWAY_API_URL: endpoint = publicEndpoint, LOCAL_RAILWAY_TOKEN: token }: RailwaySettings): RailwayAccess {
  const localToken = mode === 'local' ? (token ?? null) : null;
  return {
    ...createRailways({ endpoint, clock: systemClock }),
    localToken,
    exampleRepository: localToken === null ? null : localExample,
  };
}
