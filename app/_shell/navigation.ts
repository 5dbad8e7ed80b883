import type { IconName } from '@/app/_ui/icon-shapes';
import type { Right } from '@/lib/identity/access/policy';
import { paths } from '@/lib/paths';

/** One entry of the sidebar and of the palette. */
export interface NavEntry {
  key: string;
  icon: IconName;
  label: string;
  href: string;
  /** Without this right the entry stays in sight, disabled. */
  right?: Right;
  /** Typed after `g`. */
  shortcut?: string;
}

export function organizationNav(slug: string): NavEntry[] {
  return [
    { key: 'projects', icon: 'boxes', label: 'Projects', href: paths.organization(slug), right: 'project:read', shortcut: 'p' },
    { key: 'members', icon: 'users', label: 'Members', href: paths.members(slug), right: 'member:read', shortcut: 'm' },
    { key: 'api-keys', icon: 'square-terminal', label: 'API keys', href: paths.apiKeys(slug), right: 'api_key:read', shortcut: 'k' },
    { key: 'webhooks', icon: 'webhook', label: 'Webhooks', href: paths.webhooks(slug), right: 'webhook:read', shortcut: 'w' },
    { key: 'audit', icon: 'scroll-text', label: 'Audit log', href: paths.audit(slug), right: 'audit:read', shortcut: 'a' },
    { key: 'isolation', icon: 'shield-check', label: 'Isolation', href: paths.isolation(slug), right: 'isolation:read', shortcut: 'i' },
    { key: 'usage', icon: 'chart-no-axes-column', label: 'Usage and billing', href: paths.usage(slug), right: 'billing:read', shortcut: 'u' },
    { key: 'settings', icon: 'settings', label: 'Settings', href: paths.organizationSettings(slug), shortcut: 's' },
  ];
}

export function projectNav(slug: string, project: string): NavEntry[] {
  const home = paths.project(slug, project);
  return [
    { key: 'overview', icon: 'layout-dashboard', label: 'Overview', href: home, right: 'project:read', shortcut: 'o' },
    { key: 'env', icon: 'variable', label: 'Env', href: `${home}/env`, right: 'env:read', shortcut: 'e' },
    { key: 'keys', icon: 'key-round', label: 'Keys', href: `${home}/keys`, right: 'key:read' },
    { key: 'deployments', icon: 'rocket', label: 'Deployments', href: paths.deployments(slug, project), right: 'deployment:read', shortcut: 'y' },
    { key: 'data', icon: 'database', label: 'Data', href: `${home}/data`, right: 'data:read', shortcut: 'd' },
    { key: 'activity', icon: 'activity', label: 'Activity', href: `${home}/activity`, right: 'audit:read' },
    { key: 'project-settings', icon: 'settings-2', label: 'Project settings', href: `${home}/settings`, right: 'project:read' },
  ];
}

export const accountNav: readonly NavEntry[] = [
  { key: 'profile', icon: 'user', label: 'Profile', href: paths.account },
  { key: 'sessions', icon: 'monitor-smartphone', label: 'Sessions', href: paths.sessions },
];

/** What the shell knows of an organization: where it is, and which rights the person lacks there. */
export interface ShellOrganization {
  id: string;
  name: string;
  slug: string;
  missing: readonly Right[];
}

/** Why an entry cannot be used; undefined when it can. */
export function refusalOf(right: Right | undefined, missing: readonly Right[]): string | undefined {
  return right !== undefined && missing.includes(right) ? missingRight(right) : undefined;
}

export function missingRight(right: Right): string {
  return `Your role here lacks the right ${right}. An owner or admin can change it.`;
}
