import { Card } from '@/app/_ui/card';
import { CopyButton } from '@/app/_ui/copy-button';
import { RelativeTime } from '@/app/_ui/relative-time';
import { TextLink } from '@/app/_ui/text-link';
import { duration } from '@/app/_ui/time';
import type { DeploymentDetail } from '@/lib/deployments/schemas';
import { paths } from '@/lib/paths';
import { askerOf } from '../../_components/deployment-words';
import { Fact } from '../../_components/fact';

/** Who deployed what, when, and with which variables. */
export function DeploymentFacts({ deployment, slug }: { deployment: DeploymentDetail; slug: string }) {
  const { id, project_id: projectId, environment, source, branch, commit, manifest_version: version, of, created_at: at, finished_at: end } = deployment;
  return (
    <Card title="About this deployment">
      <dl className="flex flex-col gap-3">
        <Fact label="By">{askerOf(deployment)}</Fact>
        <Fact label="Begun">
          <RelativeTime at={at} />
          {end !== null && `took ${duration(Date.parse(end) - Date.parse(at))}`}
        </Fact>
        <Fact label="Environment">{environment}</Fact>
        <Fact label="Source" mono>
          {source}
        </Fact>
        {branch !== null && <Fact label="Branch" mono>{branch}</Fact>}
        <Fact label="Commit" mono={commit !== null}>
          {commit?.slice(0, 12) ?? 'Not known'}
          {commit !== null && <CopyButton text={commit} label="Copy commit" />}
        </Fact>
        <Fact label="Variables">{version === null ? 'Not set yet' : `Version ${version}`}</Fact>
        {of !== null && (
          <Fact label="Made from">
            <TextLink href={paths.deployment(slug, projectId, of.id)}>#{of.number}</TextLink>
          </Fact>
        )}
        <Fact label="Deployment id" mono>
          {id}
          <CopyButton text={id} label="Copy deployment id" />
        </Fact>
      </dl>
    </Card>
  );
}
