import type { DeploymentView } from '@/lib/deployments/schemas';
import type { ServiceView } from '@/lib/deployments/service/schemas';

/** Who asked for it; what Studio does by itself nobody did. */
export function askerOf({ kind, created_by: by }: Pick<DeploymentView, 'kind' | 'created_by'>): string {
  return by ?? (kind === 'external' ? 'Railway' : 'Studio');
}

/** `Redeploy of #2`; a first-hand deployment needs no words. */
export function originOf({ kind, of }: Pick<DeploymentView, 'kind' | 'of'>): string | null {
  if (kind === 'deploy') return null;
  if (kind === 'external') return 'Begun at Railway';
  const word = kind === 'redeploy' ? 'Redeploy' : 'Rollback';
  return of === null ? word : kind === 'redeploy' ? `${word} of #${of.number}` : `${word} to #${of.number}`;
}

/** `main · 3f2a91c`, of what there is. */
export function revisionOf({ branch, commit }: Pick<DeploymentView, 'branch' | 'commit'>): string | null {
  const parts = [branch, commit?.slice(0, 7)].filter((part) => part != null);
  return parts.length === 0 ? null : parts.join(' · ');
}

export const sourceKinds: Record<ServiceView['source']['kind'], string> = {
  repository: 'Public Git repository',
  image: 'Container image',
  example: 'Shipped example',
};
