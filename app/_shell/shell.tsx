'use client';

import { useParams } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { IconButton } from '@/app/_ui/button';
import { cx } from '@/app/_ui/cx';
import { Icon } from '@/app/_ui/icon';
import { Link } from '@/app/_ui/link';
import { Logo } from '@/app/_ui/logo';
import { onDemand } from '@/app/_ui/on-demand';
import { AccountMenu, type ShellUser } from './account-menu';
import type { ShellOrganization } from './navigation';
import { Shortcuts, type Overlay } from './shortcuts';
import { SidebarNav } from './sidebar-nav';

const PhoneNav = onDemand(async () => (await import('./phone-nav')).PhoneNav);

interface ShellProps {
  organizations: readonly ShellOrganization[];
  user: ShellUser;
  /** As the reader left it; the cookie lets the server draw it right at once. */
  collapsed: boolean;
  crumbs: ReactNode;
  children: ReactNode;
}

/** The frame of the studio: sidebar, top bar, and what opens over them. It stays while pages change. */
export function Shell({ organizations, user, collapsed: startCollapsed, crumbs, children }: ShellProps) {
  const { org, project } = useParams<{ org?: string; project?: string }>();
  const organization = organizations.find((each) => each.slug === org);
  const [collapsed, setCollapsed] = useState(startCollapsed);
  const [sheetOpen, setSheetOpen] = useState(false);
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const toggle = () => {
    setCollapsed(!collapsed);
    document.cookie = `sidebar=${collapsed ? 'full' : 'icons'}; path=/; max-age=31536000; samesite=lax`;
  };
  return (
    <div className={cx('grid min-h-dvh grid-cols-[minmax(0,1fr)]', collapsed ? 'md:grid-cols-[3.5rem_minmax(0,1fr)]' : 'md:grid-cols-[15rem_minmax(0,1fr)]')}>
      <a href="#content" className="sr-only z-50 rounded-control bg-accent px-3 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
        Skip to content
      </a>
      <aside aria-label="Sidebar" className="hidden border-r border-line bg-sunken md:block">
        <div className="sticky top-0 flex h-dvh flex-col">
        <div className={cx('flex h-14 shrink-0 items-center', collapsed ? 'justify-center' : 'px-4')}>
          <Link href="/" aria-label="Studio, to the start" className="inline-flex items-center gap-2 text-lg font-semibold">
            <Logo />
            {!collapsed && <span>Studio</span>}
          </Link>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto">
          <SidebarNav organization={organization} projectId={project} collapsed={collapsed} />
        </div>
        <div className={cx('flex p-3', collapsed && 'justify-center')}>
          <IconButton label={collapsed ? 'Widen the sidebar' : 'Narrow the sidebar'} aria-expanded={!collapsed} onClick={toggle}>
            <Icon name="panel-left" />
          </IconButton>
        </div>
        </div>
      </aside>
      <div className="flex min-w-0 flex-col">
        <header className="sticky top-0 z-20 flex h-14 items-center gap-1 border-b border-line bg-canvas px-2 sm:px-4">
          <IconButton label="Open navigation" className="md:hidden" onClick={() => setSheetOpen(true)}>
            <Icon name="menu" />
          </IconButton>
          <div className="min-w-0 flex-1">{crumbs}</div>
          <button
            type="button"
            onClick={() => setOverlay('palette')}
            className="hidden h-8 items-center gap-2 rounded-control border border-control bg-surface px-2.5 text-sm text-muted hover:text-ink lg:inline-flex"
          >
            <Icon name="search" /> Search or jump to
            <kbd className="ml-4 rounded-control bg-hover px-1.5 font-sans text-xs">Ctrl K</kbd>
          </button>
          <IconButton label="Search or jump to" className="lg:hidden" onClick={() => setOverlay('palette')}>
            <Icon name="search" />
          </IconButton>
          <IconButton label="Keyboard shortcuts" className="hidden sm:inline-flex" onClick={() => setOverlay('help')}>
            <Icon name="circle-question-mark" />
          </IconButton>
          <AccountMenu user={user} />
        </header>
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          {children}
        </main>
      </div>
      {sheetOpen && <PhoneNav organization={organization} projectId={project} onClose={() => setSheetOpen(false)} />}
      <Shortcuts organizations={organizations} organization={organization} projectId={project} overlay={overlay} onOverlay={setOverlay} />
    </div>
  );
}
