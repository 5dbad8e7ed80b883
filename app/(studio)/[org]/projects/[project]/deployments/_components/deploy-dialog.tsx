'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import { useApiForm, type ApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { Notice } from '@/app/_ui/badge';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { Icon } from '@/app/_ui/icon';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import type { DeploymentPreview, DeploymentView } from '@/lib/deployments/schemas';
import type { ServiceView } from '@/lib/deployments/service/schemas';
import { ApiProblem, apiPost, newIntent } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { sourceKinds } from './deployment-words';
import { SourceFields } from './source-fields';
import { isSourceKind, neededBy, toSource, valuesOf, type SourceField } from './source-form';
import { VariablesDiff } from './variables-diff';

interface DeployDialogProps {
  slug: string;
  projectId: string;
  environment: EnvironmentName;
  /** The app that there is already, whose source is offered first. */
  service: ServiceView | null;
  exampleAvailable: boolean;
  onClose: () => void;
}

interface Review {
  preview: DeploymentPreview;
  /** One for each look, so that a repeated press is one deployment. */
  intent: string;
}

/** Chooses a source, shows which variables the app gets, and deploys on a second press. */
export function DeployDialog({ slug, projectId, environment, service, exampleAvailable, onClose }: DeployDialogProps) {
  const router = useRouter();
  const [review, setReview] = useState<Review | null>(null);
  const [outdated, setOutdated] = useState(false);
  const start = valuesOf(service?.source ?? null);
  const chosen = () => form.values['source/kind'];
  const look = async (): Promise<Review> => {
    const next = { preview: await apiPost<DeploymentPreview>(`/projects/${projectId}/deployments/preview`, { environment }, null), intent: newIntent() };
    setReview(next);
    return next;
  };
  const deploy = async (values: Record<SourceField, string>, { preview, intent }: Review) => {
    try {
      const made = await apiPost<DeploymentView>(`/projects/${projectId}/deployments`, { environment, source: toSource(values), version: preview.version }, intent);
      router.push(paths.deployment(slug, projectId, made.id));
    } catch (error) {
      if (error instanceof ApiProblem && error.errors.length > 0) flushSync(() => setReview(null));
      // Somebody changed the variables in between: what is confirmed next must be what is there now.
      if (error instanceof ApiProblem && error.code === 'conflict') {
        const next = await look();
        setOutdated(next.preview.version !== preview.version);
      }
      throw error;
    }
  };
  const form: ApiForm<SourceField> = useApiForm<SourceField>({
    fields: {
      'source/kind': { label: 'Source', start: start['source/kind'] },
      'source/repository': { label: 'Repository', start: start['source/repository'], rule: neededBy('repository', () => chosen(), 'Name a public repository as owner/name.') },
      'source/branch': { label: 'Branch', start: start['source/branch'], rule: neededBy('repository', () => chosen(), 'Name a branch, for example main.') },
      'source/root_directory': { label: 'Folder', start: start['source/root_directory'] },
      'source/image': { label: 'Image', start: start['source/image'], rule: neededBy('image', () => chosen(), 'Name an image as registry/name:tag.') },
      'source/build_command': { label: 'Build command', start: start['source/build_command'] },
      'source/start_command': { label: 'Start command', start: start['source/start_command'] },
      'source/healthcheck_path': { label: 'Health check', start: start['source/healthcheck_path'] },
    },
    send: async (values) => {
      setOutdated(false);
      if (review === null) await look();
      else await deploy(values, review);
    },
  });
  return (
    <Dialog title={`Deploy to ${environment}`} description={review === null ? 'First the source, then a look at the variables, then it begins.' : 'This is what it gets. Nothing has begun yet.'} width="wide" onClose={onClose}>
      <form {...form.props} className="flex min-w-0 flex-col gap-5">
        <ProblemSummary problem={form.problem} />
        {outdated && (
          <Notice tone="warn" icon={<Icon name="circle-alert" />}>
            <p>Below is what a deployment would do now.</p>
          </Notice>
        )}
        {review === null ? (
          <SourceFields form={form} exampleAvailable={exampleAvailable} />
        ) : (
          <>
            <SourceChosen values={form.values} />
            <VariablesDiff variables={review.preview.variables} />
          </>
        )}
        <DialogActions>
          <Button
            kind="quiet"
            onClick={
              review === null
                ? onClose
                : () => {
                    setReview(null);
                    setOutdated(false);
                  }
            }
          >
            {review === null ? 'Cancel' : 'Back'}
          </Button>
          <Button type="submit" kind="primary" busy={form.busy} icon={review === null ? undefined : <Icon name="rocket" />}>
            {review === null ? 'Review variables' : 'Deploy'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function SourceChosen({ values }: { values: Record<SourceField, string> }) {
  const kind = values['source/kind'];
  const name = kind === 'repository' ? `${values['source/repository']} · ${values['source/branch']}` : kind === 'image' ? values['source/image'] : 'Notes';
  return (
    <div>
      <h3 className="text-sm font-medium">{isSourceKind(kind) ? sourceKinds[kind] : 'Source'}</h3>
      <p className="font-mono text-sm break-all">{name}</p>
    </div>
  );
}
