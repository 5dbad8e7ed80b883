'use client';

import { useRouter } from 'next/navigation';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { notify } from '@/app/_ui/notify';
import type { DeploymentView } from '@/lib/deployments/schemas';
import { apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import { acts, type Act } from './deployment-acts';
import type { DeploymentActs } from './deployment-table';

interface ActDialogProps extends DeploymentActs {
  act: Act;
  of: DeploymentView;
  onClose: () => void;
}

interface Words {
  title: (number: number) => string;
  /** Said in a toast once Railway or Studio has taken it. */
  begun: string;
  text: (of: DeploymentView) => string;
  /** On the two buttons, where the usual words would say the same twice. */
  buttons?: { action: string; keep: string };
  /** Makes a deployment of its own, whose page is the next one to look at. */
  makesAnother: boolean;
}

const words: Record<Act, Words> = {
  redeploy: {
    title: (number) => `Redeploy #${number}`,
    begun: 'Redeployment begun',
    text: ({ environment }) => `The same source is deployed again with the variables as they are now, and takes the place of what serves ${environment} once it is up.`,
    makesAnother: true,
  },
  rollback: {
    title: (number) => `Roll back to #${number}`,
    begun: 'Rollback begun',
    text: ({ number, environment }) =>
      `The build of #${number} takes the place of what serves ${environment} now. Railway puts the variables of that time back with it; the key among them is set anew afterwards, so the app keeps its backend.`,
    makesAnother: true,
  },
  restart: {
    title: (number) => `Restart #${number}`,
    begun: 'Restarted',
    text: () => 'The app ends and starts again with the same build and variables. Requests that come in between can fail.',
    makesAnother: false,
  },
  stop: {
    title: (number) => `Stop #${number}`,
    begun: 'Stopped',
    text: ({ environment }) => `The app of ${environment} answers nobody any more until something is deployed again. Its data in the backend stays.`,
    makesAnother: false,
  },
  cancel: {
    title: (number) => `Cancel #${number}`,
    begun: 'Cancellation begun',
    text: () => 'The deployment ends where it is. What served before goes on serving.',
    buttons: { action: 'Cancel deployment', keep: 'Let it go on' },
    makesAnother: false,
  },
};

/** A second look before an act, which changes what people get from the app. */
export function ActDialog({ act, of: deployment, slug, projectId, onChanged, onClose }: ActDialogProps) {
  const router = useRouter();
  const { title, begun, text, buttons, makesAnother } = words[act];
  return (
    <ConfirmDialog
      title={title(deployment.number)}
      action={buttons?.action ?? acts[act].words}
      keep={buttons?.keep}
      onClose={onClose}
      onConfirm={async () => {
        const answer = await apiPost<DeploymentView>(`/projects/${projectId}/deployments/${deployment.id}/${act}`);
        notify('success', { title: begun });
        if (makesAnother) router.push(paths.deployment(slug, projectId, answer.id));
        else await onChanged();
      }}
    >
      <p>{text(deployment)}</p>
    </ConfirmDialog>
  );
}
