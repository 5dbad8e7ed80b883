import type { ReactNode } from 'react';
import { CodeBlock } from '@/app/_ui/code-block';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';

export function NoProjects({ organizationId, action }: { organizationId: string; action: ReactNode }) {
  return (
    <EmptyState
      icon={<Icon name="boxes" className="size-5" />}
      title="No projects yet"
      action={action}
      command={<CodeBlock label="API call" caption="The same with an API key" code={curlFor(organizationId)} />}
    >
      A project is ready in seconds: you watch it being set up, then copy three variables into your app.
    </EmptyState>
  );
}

function curlFor(organizationId: string): string {
  return `curl -X POST "$STUDIO_URL/api/v1/projects" \\
  -H "Authorization: Bearer $STUDIO_TOKEN" -H "Content-Type: application/json" \\
  -d '{"organization_id":"${organizationId}","name":"My first project"}'`;
}
