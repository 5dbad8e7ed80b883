import { isoTime } from './ids';
import { stamp } from './listing';
import type { Call } from './route';
import type { ProjectDocument } from './schema';

const AUTH_METHODS: ReadonlyArray<readonly [id: string, legacyName: string]> = [
  ['email-password', 'authEmailPassword'], ['magic-url', 'authUsersAuthMagicURL'], ['email-otp', 'authEmailOtp'], ['anonymous', 'authAnonymous'],
  ['invites', 'authInvites'], ['jwt', 'authJWT'], ['phone', 'authPhone'],
];
const SERVICES = [
  'account', 'avatars', 'databases', 'tablesdb', 'locale', 'health', 'project', 'storage', 'teams', 'users', 'vcs', 'sites', 'functions',
  'proxy', 'graphql', 'migrations', 'messaging', 'advisor',
];
const PROTOCOLS = ['rest', 'graphql', 'websocket'];

/** A project in today's shape, or in the flat one of 1.8 for clients that ask for it. */
export function toProject(call: Pick<Call, 'before'>, project: ProjectDocument): Record<string, unknown> {
  const { name, teamId, region, labels, accessedAt } = project.values;
  const head = { ...stamp(project), name, teamId, region, devKeys: [] };
  const smtp = { smtpEnabled: false, smtpSenderName: '', smtpSenderEmail: '', smtpHost: '', smtpPort: 0, smtpUsername: '', smtpPassword: '', smtpSecure: '' };
  const state = { pingCount: 0, pingedAt: '', labels, status: 'active', blocks: [], consoleAccessedAt: isoTime(accessedAt) };
  if (call.before('1.9.0')) return { ...head, ...smtp, smtpReplyTo: '', ...state, ...LEGACY };
  return {
    ...head, ...smtp, smtpReplyToName: '', smtpReplyToEmail: '', ...state,
    authMethods: AUTH_METHODS.map(([$id]) => ({ $id, enabled: true })), services: enabled(SERVICES), protocols: enabled(PROTOCOLS),
  };
}

function enabled(ids: readonly string[]): Array<{ $id: string; enabled: boolean }> {
  return ids.map(($id) => ({ $id, enabled: true }));
}

const OAUTH_PROVIDERS: ReadonlyArray<readonly [key: string, name: string]> = [
  ['amazon', 'Amazon'], ['apple', 'Apple'], ['auth0', 'Auth0'], ['authentik', 'Authentik'], ['autodesk', 'Autodesk'], ['bitbucket', 'BitBucket'],
  ['bitly', 'Bitly'], ['box', 'Box'], ['dailymotion', 'Dailymotion'], ['discord', 'Discord'], ['disqus', 'Disqus'], ['dropbox', 'Dropbox'],
  ['etsy', 'Etsy'], ['facebook', 'Facebook'], ['figma', 'Figma'], ['fusionauth', 'FusionAuth'], ['github', 'GitHub'], ['gitlab', 'GitLab'],
  ['google', 'Google'], ['keycloak', 'Keycloak'], ['kick', 'Kick'], ['linkedin', 'LinkedIn'], ['microsoft', 'Microsoft'], ['notion', 'Notion'],
  ['oidc', 'OpenID Connect'], ['okta', 'Okta'], ['paypal', 'PayPal'], ['paypalSandbox', 'PayPal Sandbox'], ['podio', 'Podio'],
  ['salesforce', 'Salesforce'], ['slack', 'Slack'], ['spotify', 'Spotify'], ['stripe', 'Stripe'], ['tradeshift', 'Tradeshift'],
  ['tradeshiftBox', 'Tradeshift Sandbox'], ['twitch', 'Twitch'], ['wordpress', 'WordPress'], ['x', 'X'], ['yahoo', 'Yahoo'], ['yammer', 'Yammer'],
  ['yandex', 'Yandex'], ['zoho', 'Zoho'], ['zoom', 'Zoom'], ['mock', 'Mock'], ['mock-unverified', 'MockUnverified'],
];

const LEGACY = {
  ...Object.fromEntries(AUTH_METHODS.map(([, legacyName]) => [legacyName, true])),
  ...Object.fromEntries(SERVICES.map((id) => [`serviceStatusFor${id.charAt(0).toUpperCase()}${id.slice(1)}`, true])),
  authLimit: 0, authDuration: 31_536_000, authSessionsLimit: 0, authPasswordHistory: 0, authPasswordDictionary: false, authPersonalDataCheck: false,
  authDisposableEmails: false, authCanonicalEmails: false, authFreeEmails: false, authCorporateEmails: false, authMockNumbers: [],
  authSessionAlerts: false, authMembershipsUserName: false, authMembershipsUserEmail: false, authMembershipsMfa: false,
  authMembershipsUserAccessedAt: false, authInvalidateSessions: true, description: '', logo: '', url: '', legalName: '', legalCountry: '',
  legalState: '', legalCity: '', legalAddress: '', legalTaxId: '',
  oAuthProviders: OAUTH_PROVIDERS.map(([key, name]) => ({ key, name, appId: '', secret: '', enabled: false })),
  platforms: [], webhooks: [], keys: [],
};
