import type { ReactNode } from 'react';
import { Badge, type Tone } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import type { ProjectStatus as Status } from '@/lib/projects/states';

const shown: Record<Status, { tone: Tone; word: string; icon: ReactNode }> = {
  requested: { tone: 'info', word: 'Waiting to start', icon: <Icon name="clock" className="size-3" /> },
  provisioning: { tone: 'info', word: 'Setting up', icon: <Icon name="loader-circle" className="spin size-3" /> },
  ready: { tone: 'good', word: 'Ready', icon: <Icon name="check" className="size-3" /> },
  stuck: { tone: 'bad', word: 'Stuck', icon: <Icon name="triangle-alert" className="size-3" /> },
  failed: { tone: 'bad', word: 'Failed', icon: <Icon name="triangle-alert" className="size-3" /> },
  deleting: { tone: 'warn', word: 'Deleting', icon: <Icon name="loader-circle" className="spin size-3" /> },
  deleted: { tone: 'neutral', word: 'Deleted', icon: <Icon name="archive" className="size-3" /> },
  restoring: { tone: 'info', word: 'Restoring', icon: <Icon name="loader-circle" className="spin size-3" /> },
  purging: { tone: 'neutral', word: 'Being removed', icon: <Icon name="loader-circle" className="spin size-3" /> },
  purged: { tone: 'neutral', word: 'Removed', icon: <Icon name="archive" className="size-3" /> },
};

export function ProjectStatus({ status, unhealthy = false }: { status: Status; unhealthy?: boolean }) {
  if (status === 'ready' && unhealthy) {
    return (
      <Badge tone="warn" icon={<Icon name="triangle-alert" className="size-3" />}>
        Not answering
      </Badge>
    );
  }
  const { tone, word, icon } = shown[status];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}
