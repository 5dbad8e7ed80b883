import { appRole, jobsRole, type SystemRole } from './relations';

/** What would be a hole if it were not on purpose. The boot check and the isolation suite refuse everything else. */

interface Definer {
  owner: SystemRole | typeof jobsRole;
  callers: readonly (SystemRole | typeof appRole)[];
}

/** Functions that act with their owner's rights, as `regprocedure` writes them. */
export const definerFunctions: Record<string, Definer> = {
  'studio.locate(text,text)': { owner: 'studio_locator', callers: [appRole] },
  'studio.appwrite_endpoint(text)': { owner: 'studio_reconciler', callers: [appRole] },
  'studio.enqueue(text,jsonb,text,timestamp with time zone)': { owner: jobsRole, callers: [appRole, 'studio_signin'] },
  'studio.place_appwrite_project()': { owner: 'studio_placement', callers: [appRole] },
  'studio.waiting_mail_keys()': { owner: jobsRole, callers: ['studio_rotator'] },
  'studio.release_appwrite_project(uuid)': { owner: 'studio_placement', callers: [appRole] },
};

/** Tables without an organization that rows with one may refer to. */
export const sharedTargets = ['organizations', 'users', 'plans', 'appwrite_instances'] as const;

const random = 'random, 128 bits or more: nobody meets another one by trying';
const chosen = 'random id that Studio chose, 128 bits; never taken from input';
const secret = 'hash of a random secret';

/** Unique indexes that span organizations, each with the reason why a collision tells nothing worth knowing. */
export const spanningUniques: Record<string, string> = {
  users_pkey: 'inner id',
  users_public_id_unique: random,
  users_email_key: 'one account for a person; registration answers the same whether it is taken or not',
  user_credentials_pkey: 'one row for a user',
  user_sessions_pkey: 'inner id',
  user_sessions_public_id_unique: random,
  user_sessions_token_hash_unique: secret,
  user_sessions_previous_token_hash_unique: secret,
  one_time_tokens_pkey: 'inner id',
  one_time_tokens_token_hash_unique: secret,
  organizations_pkey: 'inner id',
  organizations_public_id_unique: random,
  organizations_slug_unique: 'an address in the URL is public by nature',
  organizations_subdomain_unique: 'a host name is public by nature',
  plans_pkey: 'the same for everyone',
  memberships_public_id_unique: random,
  invitations_public_id_unique: random,
  invitations_token_hash_unique: secret,
  api_keys_public_id_unique: random,
  api_keys_key_hash_unique: secret,
  projects_public_id_unique: random,
  platform_databases_public_id_unique: random,
  appwrite_instances_pkey: 'inner id of the platform',
  appwrite_instances_public_id_unique: random,
  appwrite_instances_endpoint_unique: 'the platform registers its own servers',
  appwrite_strays_pkey: 'written by the reconciler alone',
  appwrite_strays_project_key: 'written by the reconciler alone',
  appwrite_teams_team_id_unique: chosen,
  appwrite_projects_appwrite_project_id_unique: chosen,
  appwrite_keys_public_id_unique: random,
  appwrite_keys_appwrite_key_id_unique: chosen,
  railway_projects_hook_hash_unique: secret,
  services_public_id_unique: random,
  deployments_public_id_unique: random,
  sagas_public_id_unique: random,
  webhooks_public_id_unique: random,
  isolation_proofs_public_id_unique: random,
  signing_keys_pkey: 'thumbprint of a random key',
  audit_logs_pkey: 'the log decides its own id',
  idempotency_keys_pk: 'led by the id of whoever sent the request',
};
