'use client';

import { onDemand } from '@/app/_ui/on-demand';

/** For environments that have no variables of their own yet. */
export const CopyVariables = onDemand(async () => (await import('./copy-variables')).CopyVariables);
