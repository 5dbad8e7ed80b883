'use client';

import { onDemand } from '@/app/_ui/on-demand';

/** Parts of the deployments' pages that most visits do not show, or not at first. */
export const ActDialog = onDemand(async () => (await import('./act-dialog')).ActDialog);
export const DeploymentActions = onDemand(async () => (await import('./deployment-actions')).DeploymentActions);
export const DeployDialog = onDemand(async () => (await import('./deploy-dialog')).DeployDialog);
export const DriftBanner = onDemand(async () => (await import('./drift-banner')).DriftBanner);
export const NothingDeployed = onDemand(async () => (await import('./nothing-deployed')).NothingDeployed);
export const RailwayHookCard = onDemand(async () => (await import('./railway-hook-card')).RailwayHookCard);
export const RailwayNotice = onDemand(async () => (await import('./railway-notice')).RailwayNotice);
export const ReadProblem = onDemand(async () => (await import('./read-problem')).ReadProblem);
export const ServiceCard = onDemand(async () => (await import('./service-card')).ServiceCard);
