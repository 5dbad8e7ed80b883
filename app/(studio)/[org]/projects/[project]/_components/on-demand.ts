'use client';

import { onDemand } from '@/app/_ui/on-demand';

/** Parts of a project's pages that most visits do not show. */
export const RestoreBanner = onDemand(async () => (await import('./restore-banner')).RestoreBanner);
export const FirstRequest = onDemand(async () => (await import('./first-request')).FirstRequest);
export const ProvisioningPanel = onDemand(async () => (await import('./provisioning-panel')).ProvisioningPanel);
