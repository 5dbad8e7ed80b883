'use client';

import { Sheet } from '@/app/_ui/dialog';
import { Logo } from '@/app/_ui/logo';
import type { ShellOrganization } from './navigation';
import { SidebarNav } from './sidebar-nav';

interface PhoneNavProps {
  organization: ShellOrganization | undefined;
  projectId: string | undefined;
  onClose: () => void;
}

/** The sidebar where there is no room for one. */
export function PhoneNav({ organization, projectId, onClose }: PhoneNavProps) {
  return (
    <Sheet title="Navigation" onClose={onClose}>
      <div className="flex h-14 items-center gap-2 px-5 text-lg font-semibold">
        <Logo /> Studio
      </div>
      <SidebarNav organization={organization} projectId={projectId} onNavigate={onClose} />
    </Sheet>
  );
}
