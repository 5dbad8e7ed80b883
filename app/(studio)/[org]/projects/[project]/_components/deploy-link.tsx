import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { ButtonLink } from '@/app/_ui/button-link';
import { Icon } from '@/app/_ui/icon';
import { paths } from '@/lib/paths';

/** Leads to the deployments, where the dialog opens that makes one. */
export function DeployLink({ slug, projectId, mayDeploy }: { slug: string; projectId: string; mayDeploy: boolean }) {
  const icon = <Icon name="rocket" />;
  if (!mayDeploy) {
    return (
      <AllowedButton reason={missingRight('deployment:write')} icon={icon}>
        Deploy
      </AllowedButton>
    );
  }
  return (
    <ButtonLink href={paths.deploy(slug, projectId)} icon={icon}>
      Deploy
    </ButtonLink>
  );
}
