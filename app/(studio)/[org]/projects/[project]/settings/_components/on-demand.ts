'use client';

import { onDemand } from '@/app/_ui/on-demand';

/** Below the fold, so its code comes after what is seen first. */
export const PlatformsCard = onDemand(async () => (await import('./platforms-card')).PlatformsCard);
