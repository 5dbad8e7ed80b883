/** Where the pages of the tests are: names of 60 characters, and something to show on every page. */
export interface World {
  slug: string;
  readyProject: string;
  deletedProject: string;
  failedProject: string;
  waitingProject: string;
  webhook: string;
  /** One that has ended. */
  proof: string;
  liveDeployment: string;
  failedDeployment: string;
  /** The address of a ready project whose organization has no Railway. */
  unconnected: string;
}

export interface ShownPage {
  /** The file below `app/`. */
  file: string;
  name: string;
  /** Who looks: nobody, the owner, or a member who may only look. */
  as: 'guest' | 'owner' | 'viewer';
  path: (world: World) => string;
  /** What can be read in its main part once it is there. */
  shows: RegExp;
}

const home = ({ slug }: World) => `/${slug}`;
const project = ({ slug, readyProject }: World) => `/${slug}/projects/${readyProject}`;
const token = 'x'.repeat(43);

/** Every page of the product, in every state that looks different. A test compares the files with those under `app/`. */
export const shownPages: readonly ShownPage[] = [
  { file: '(auth)/sign-in/page.tsx', name: 'sign-in', as: 'guest', path: () => '/sign-in', shows: /sign in/i },
  { file: '(auth)/sign-up/page.tsx', name: 'sign-up', as: 'guest', path: () => '/sign-up', shows: /create an account/i },
  { file: '(auth)/forgot-password/page.tsx', name: 'forgot-password', as: 'guest', path: () => '/forgot-password', shows: /reset your password/i },
  { file: '(auth)/reset-password/page.tsx', name: 'reset-password', as: 'guest', path: () => `/reset-password#token=${token}`, shows: /choose a new password/i },
  { file: '(auth)/verify-email/page.tsx', name: 'verify-email', as: 'guest', path: () => `/verify-email#token=${token}`, shows: /confirm your address/i },
  { file: '(auth)/verify-email/page.tsx', name: 'verify-email-without-token', as: 'guest', path: () => '/verify-email', shows: /link/i },
  { file: '(auth)/invitation/page.tsx', name: 'invitation-refused', as: 'guest', path: () => `/invitation#token=${token}`, shows: /cannot be used/i },
  { file: 'page.tsx', name: 'start', as: 'owner', path: () => '/', shows: /^projects/i },
  { file: '(studio)/new-organization/page.tsx', name: 'new-organization', as: 'owner', path: () => '/new-organization', shows: /create organization/i },
  { file: '(studio)/[org]/page.tsx', name: 'projects', as: 'owner', path: home, shows: /^projects/i },
  { file: '(studio)/[org]/page.tsx', name: 'projects-of-a-viewer', as: 'viewer', path: home, shows: /^projects/i },
  { file: '(studio)/[org]/new-project/page.tsx', name: 'new-project', as: 'owner', path: (world) => `${home(world)}/new-project`, shows: /create project/i },
  { file: '(studio)/[org]/projects/[project]/page.tsx', name: 'project', as: 'owner', path: project, shows: /^ready$/i },
  { file: '(studio)/[org]/projects/[project]/page.tsx', name: 'project-of-a-viewer', as: 'viewer', path: project, shows: /env:read/ },
  { file: '(studio)/[org]/projects/[project]/page.tsx', name: 'project-waiting', as: 'owner', path: (world) => `/${world.slug}/projects/${world.waitingProject}`, shows: /retrying/i },
  { file: '(studio)/[org]/projects/[project]/page.tsx', name: 'project-failed', as: 'owner', path: (world) => `/${world.slug}/projects/${world.failedProject}`, shows: /setting up stopped/i },
  { file: '(studio)/[org]/projects/[project]/page.tsx', name: 'project-deleted', as: 'owner', path: (world) => `/${world.slug}/projects/${world.deletedProject}`, shows: /this project is deleted/i },
  { file: '(studio)/[org]/projects/[project]/env/page.tsx', name: 'env', as: 'owner', path: (world) => `${project(world)}/env`, shows: /no variables of its own/i },
  { file: '(studio)/[org]/projects/[project]/env/page.tsx', name: 'env-of-staging', as: 'owner', path: (world) => `${project(world)}/env?environment=staging`, shows: /PAYMENT_TOKEN/ },
  { file: '(studio)/[org]/projects/[project]/keys/page.tsx', name: 'keys', as: 'owner', path: (world) => `${project(world)}/keys`, shows: /keys/i },
  { file: '(studio)/[org]/projects/[project]/deployments/page.tsx', name: 'deployments', as: 'owner', path: (world) => `${project(world)}/deployments`, shows: /differ at railway/i },
  { file: '(studio)/[org]/projects/[project]/deployments/page.tsx', name: 'deployments-of-a-viewer', as: 'viewer', path: (world) => `${project(world)}/deployments`, shows: /^live$/i },
  { file: '(studio)/[org]/projects/[project]/deployments/page.tsx', name: 'deployments-without-railway', as: 'owner', path: ({ unconnected }) => `${unconnected}/deployments`, shows: /railway is not connected/i },
  { file: '(studio)/[org]/projects/[project]/deployments/page.tsx', name: 'deployments-of-a-waiting-project', as: 'owner', path: (world) => `/${world.slug}/projects/${world.waitingProject}/deployments`, shows: /deployments/i },
  { file: '(studio)/[org]/projects/[project]/deployments/[deployment]/page.tsx', name: 'deployment', as: 'owner', path: (world) => `${project(world)}/deployments/${world.liveDeployment}`, shows: /^states$/i },
  { file: '(studio)/[org]/projects/[project]/deployments/[deployment]/page.tsx', name: 'deployment-failed', as: 'owner', path: (world) => `${project(world)}/deployments/${world.failedDeployment}`, shows: /goes on serving/i },
  { file: '(studio)/[org]/projects/[project]/data/page.tsx', name: 'data', as: 'owner', path: (world) => `${project(world)}/data`, shows: /data/i },
  { file: '(studio)/[org]/projects/[project]/data/page.tsx', name: 'data-of-a-waiting-project', as: 'owner', path: (world) => `/${world.slug}/projects/${world.waitingProject}/data`, shows: /data/i },
  { file: '(studio)/[org]/projects/[project]/activity/page.tsx', name: 'activity', as: 'owner', path: (world) => `${project(world)}/activity`, shows: /activity/i },
  { file: '(studio)/[org]/projects/[project]/settings/page.tsx', name: 'project-settings', as: 'owner', path: (world) => `${project(world)}/settings`, shows: /settings/i },
  { file: '(studio)/[org]/projects/[project]/settings/page.tsx', name: 'project-settings-of-a-viewer', as: 'viewer', path: (world) => `${project(world)}/settings`, shows: /settings/i },
  { file: '(studio)/[org]/members/page.tsx', name: 'members', as: 'owner', path: (world) => `${home(world)}/members`, shows: /members/i },
  { file: '(studio)/[org]/members/page.tsx', name: 'members-of-a-viewer', as: 'viewer', path: (world) => `${home(world)}/members`, shows: /members/i },
  { file: '(studio)/[org]/api-keys/page.tsx', name: 'api-keys', as: 'owner', path: (world) => `${home(world)}/api-keys`, shows: /api keys/i },
  { file: '(studio)/[org]/webhooks/page.tsx', name: 'webhooks', as: 'owner', path: (world) => `${home(world)}/webhooks`, shows: /webhooks/i },
  { file: '(studio)/[org]/webhooks/[webhook]/page.tsx', name: 'webhook', as: 'owner', path: (world) => `${home(world)}/webhooks/${world.webhook}`, shows: /webhook\.test/ },
  { file: '(studio)/[org]/audit/page.tsx', name: 'audit', as: 'owner', path: (world) => `${home(world)}/audit`, shows: /audit log/i },
  { file: '(studio)/[org]/audit/page.tsx', name: 'forbidden', as: 'viewer', path: (world) => `${home(world)}/audit`, shows: /not|may|right/i },
  { file: '(studio)/[org]/isolation/page.tsx', name: 'isolation', as: 'owner', path: (world) => `${home(world)}/isolation`, shows: /nothing reached/i },
  { file: '(studio)/[org]/isolation/page.tsx', name: 'isolation-forbidden', as: 'viewer', path: (world) => `${home(world)}/isolation`, shows: /not|may|right/i },
  { file: '(studio)/[org]/isolation/[proof]/page.tsx', name: 'proof', as: 'owner', path: (world) => `${home(world)}/isolation/${world.proof}`, shows: /could reach nothing/i },
  { file: '(studio)/[org]/usage/page.tsx', name: 'usage', as: 'owner', path: (world) => `${home(world)}/usage`, shows: /usage/i },
  { file: '(studio)/[org]/settings/page.tsx', name: 'organization-settings', as: 'owner', path: (world) => `${home(world)}/settings`, shows: /settings/i },
  { file: '(studio)/[org]/settings/page.tsx', name: 'organization-settings-of-a-viewer', as: 'viewer', path: (world) => `${home(world)}/settings`, shows: /local workspace/i },
  { file: '(studio)/[org]/[...rest]/page.tsx', name: 'not-found', as: 'owner', path: (world) => `${home(world)}/no/such/page`, shows: /not found|no page|nothing here|does not exist/i },
  { file: '(studio)/account/page.tsx', name: 'account', as: 'owner', path: () => '/account', shows: /account|profile/i },
  { file: '(studio)/account/sessions/page.tsx', name: 'sessions', as: 'owner', path: () => '/account/sessions', shows: /sessions/i },
];

/** Files that are a part of other pages. */
export const pageParts: ReadonlySet<string> = new Set(['(studio)/@crumbs/[...path]/page.tsx']);
