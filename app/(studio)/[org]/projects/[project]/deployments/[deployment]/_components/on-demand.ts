'use client';

import { onDemand } from '@/app/_ui/on-demand';

/** What comes with the page as text already, and needs its code only afterwards. */
export const DeploymentFacts = onDemand(async () => (await import('./deployment-facts')).DeploymentFacts);
export const DeploymentNotice = onDemand(async () => (await import('./deployment-notice')).DeploymentNotice);
export const LogViewer = onDemand(async () => (await import('./logs/log-viewer')).LogViewer);
