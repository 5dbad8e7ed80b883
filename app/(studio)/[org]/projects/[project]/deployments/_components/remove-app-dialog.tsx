'use client';

import { useRouter } from 'next/navigation';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { notify } from '@/app/_ui/notify';
import type { ServiceView } from '@/lib/deployments/service/schemas';
import { apiDelete } from '@/lib/http/client';

interface RemoveAppDialogProps {
  service: ServiceView;
  /** Must be typed. */
  projectName: string;
  onClose: () => void;
  onChanged: () => Promise<unknown>;
}

export function RemoveAppDialog({ service, projectName, onClose, onChanged }: RemoveAppDialogProps) {
  const router = useRouter();
  return (
    <ConfirmDialog
      title={`Remove the app of ${service.environment}`}
      action="Remove app"
      typed={projectName}
      onClose={onClose}
      onConfirm={async () => {
        await apiDelete(`/projects/${service.project_id}/service?environment=${service.environment}`);
        notify('success', { title: 'The app is being removed' });
        await onChanged();
        router.refresh();
      }}
    >
      <p>
        It answers nobody any more, its address and its builds at Railway are gone for good, and nothing can be rolled back to. The backend with its data, keys and variables stays; deploying again makes a new app
        with a new address.
      </p>
    </ConfirmDialog>
  );
}
