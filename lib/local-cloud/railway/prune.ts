import type { DeployerParts } from './deploy';
import { isUnfinished } from './deployment-rules';
import type { Journal } from './journal';
import type { Instance } from './state';

const KEPT_DEPLOYMENTS = 100;

/** Keeps the newest builds, those in use, and a bounded number of deployments. */
export async function prune({ store, folders, settings }: DeployerParts, journal: Journal, instance: Instance): Promise<void> {
  const all = store.data.deployments.filter(({ instanceId }) => instanceId === instance.id).reverse();
  // Another one is building into a folder that no deployment names yet.
  if (all.some((deployment) => isUnfinished(deployment) && deployment.buildId === null)) return;
  const inUse = new Set(all.filter((deployment) => deployment.status === 'SUCCESS' || isUnfinished(deployment)));
  const keep = new Set<string>();
  for (const { buildId } of inUse) if (buildId !== null) keep.add(buildId);
  for (const { buildId } of all) if (buildId !== null && keep.size < settings.keptBuilds) keep.add(buildId);
  for (const deployment of all) if (deployment.buildId !== null && !keep.has(deployment.buildId)) deployment.buildId = null;
  const gone = new Set(all.slice(KEPT_DEPLOYMENTS).filter((deployment) => !inUse.has(deployment)));
  for (const { id } of gone) await journal.forget(id);
  if (gone.size > 0) store.data.deployments = store.data.deployments.filter((deployment) => !gone.has(deployment));
  await store.save();
  await folders.keepBuilds(instance, keep);
}
