/** Every address of the product, so that a page can move without a search through the code. */
export const paths = {
  home: '/',
  signIn: '/sign-in',
  signUp: '/sign-up',
  verifyEmail: '/verify-email',
  forgotPassword: '/forgot-password',
  resetPassword: '/reset-password',
  invitation: '/invitation',
  newOrganization: '/new-organization',
  account: '/account',
  sessions: '/account/sessions',
  organization: (slug: string) => `/${slug}`,
  newProject: (slug: string) => `/${slug}/new-project`,
  project: (slug: string, project: string) => `/${slug}/projects/${project}`,
  deployments: (slug: string, project: string) => `/${slug}/projects/${project}/deployments`,
  deployment: (slug: string, project: string, deployment: string) => `/${slug}/projects/${project}/deployments/${deployment}`,
  /** The deployments with the dialog open that makes one. */
  deploy: (slug: string, project: string) => `/${slug}/projects/${project}/deployments?deploy`,
  members: (slug: string) => `/${slug}/members`,
  apiKeys: (slug: string) => `/${slug}/api-keys`,
  webhooks: (slug: string) => `/${slug}/webhooks`,
  audit: (slug: string) => `/${slug}/audit`,
  isolation: (slug: string) => `/${slug}/isolation`,
  proof: (slug: string, proof: string) => `/${slug}/isolation/${proof}`,
  usage: (slug: string) => `/${slug}/usage`,
  organizationSettings: (slug: string) => `/${slug}/settings`,
} as const;

/** First path segments that pages own, so no organization may take them as its address. */
export const reservedSlugs: ReadonlySet<string> = new Set([
  'account', 'admin', 'api', 'docs', 'favicon', 'forgot-password', 'invitation', 'live', 'metrics', 'new-organization',
  'portal', 'public', 'ready', 'reset-password', 'sign-in', 'sign-up', 'site', 'status', 'verify-email', 'www',
]);

/** Secrets travel in the fragment: it is never sent to a server, nor logged, nor passed on as a referrer. */
export function linkWithToken(baseUrl: string, path: string, token: string, invitation?: string): string {
  const fragment = new URLSearchParams({ token, ...(invitation === undefined ? {} : { invitation }) });
  return `${new URL(path, baseUrl).href}#${fragment}`;
}
