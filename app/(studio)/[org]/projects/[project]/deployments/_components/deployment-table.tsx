'use client';

import { Badge } from '@/app/_ui/badge';
import { RelativeTime } from '@/app/_ui/relative-time';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { TextLink } from '@/app/_ui/text-link';
import type { DeploymentView } from '@/lib/deployments/schemas';
import { paths } from '@/lib/paths';
import { DeploymentMenu } from './deployment-menu';
import { DeploymentStatus } from './deployment-status';
import { askerOf, originOf, revisionOf } from './deployment-words';

export interface DeploymentActs {
  slug: string;
  projectId: string;
  /** Why this person cannot deploy. */
  refusal: string | undefined;
  onChanged: () => Promise<unknown>;
}

export function DeploymentTable({ deployments, ...acts }: DeploymentActs & { deployments: readonly DeploymentView[] }) {
  return (
    <Table label="Deployments">
      <HeadRow>
        <HeadCell>Deployment</HeadCell>
        <HeadCell>State</HeadCell>
        <HeadCell className="hidden @2xl:table-cell">Source</HeadCell>
        <HeadCell className="hidden @4xl:table-cell">By</HeadCell>
        <HeadCell className="hidden text-right @lg:table-cell">Begun</HeadCell>
        <HeadCell>
          <span className="sr-only">Actions</span>
        </HeadCell>
      </HeadRow>
      <tbody>
        {deployments.map((deployment) => (
          <tr key={deployment.id}>
            <td className="max-w-0 min-w-28 @2xl:w-1/4">
              <span className="flex flex-wrap items-center gap-x-2">
                <TextLink href={paths.deployment(acts.slug, acts.projectId, deployment.id)}>#{deployment.number}</TextLink>
                {deployment.live && <Badge tone="good">Live</Badge>}
              </span>
              <span className="block truncate text-sm text-muted">{originOf(deployment) ?? 'Deployment'}</span>
            </td>
            <td className="max-w-48 whitespace-nowrap">
              <DeploymentStatus status={deployment.status} />
              {deployment.reason !== null && (
                <span className="hidden truncate text-sm text-muted @4xl:block" title={deployment.reason}>
                  {deployment.reason}
                </span>
              )}
            </td>
            <td className="hidden max-w-56 @2xl:table-cell">
              <span className="block truncate" title={deployment.source}>
                {deployment.source}
              </span>
              <span className="block truncate font-mono text-xs text-muted">{revisionOf(deployment)}</span>
            </td>
            <td className="hidden max-w-40 truncate text-muted @4xl:table-cell">{askerOf(deployment)}</td>
            <td className="hidden text-right whitespace-nowrap text-muted @lg:table-cell">
              <RelativeTime at={deployment.created_at} />
            </td>
            <td className="w-12 pl-0 text-right">
              <DeploymentMenu of={deployment} {...acts} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
