import { roles, type Role } from '@/lib/identity/access/policy';

/** What each role is for, in one line. */
export const roleWords: Record<Role, { name: string; help: string }> = {
  owner: { name: 'Owner', help: 'Everything, billing and other owners included.' },
  admin: { name: 'Admin', help: 'Everything but billing and owners.' },
  developer: { name: 'Developer', help: 'Creates and runs projects, reads variables, manages their keys.' },
  viewer: { name: 'Viewer', help: 'Sees projects and data, changes nothing.' },
  billing: { name: 'Billing', help: 'Sees usage and billing, no projects.' },
};

export function isRole(text: string): text is Role {
  return roles.some((role) => role === text);
}
