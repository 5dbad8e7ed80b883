import { TOKEN } from '../../local-cloud/railway/support';

export const password = 'a-long-Enough-phrase-7';

/** What is no id of anybody, by the name of the field: the same for everybody. */
export const plainValues: Readonly<Record<string, unknown>> = {
  environment: 'production',
  role: 'viewer',
  hostname: 'intruder.example.com',
  email: 'intruder@example.com',
  url: 'https://intruder.example.com/hook',
  password,
  current_password: password,
  new_password: 'another-Phrase-of-9-words',
  first_name: 'Intruder',
  last_name: 'Intruder',
  database: 'main',
  table: 'notes',
  bucket: 'files',
  /** Of a letter that was never sent. */
  token: 'x'.repeat(43),
  secret: 'x'.repeat(43),
};

/** Where the least is not valid: fields that depend on each other, or must name what is there. */
export const bodyOf: Readonly<Record<string, object>> = {
  'PATCH /users/profile': { first_name: 'Intruder' },
  'PATCH /organizations/{organization}': { name: 'Intruder' },
  'POST /organizations': { name: 'Intruder' },
  // Another role than the member has.
  'PATCH /organizations/{organization}/members/{member}': { role: 'billing' },
  'POST /organizations/{organization}/api-keys': { name: 'intruder', scopes: ['project:read'] },
  'PATCH /organizations/{organization}/webhooks/{webhook}': { description: 'intruder' },
  'POST /projects': { name: 'Intruder' },
  'PATCH /projects/{project}': { name: 'Intruder' },
  'POST /projects/{project}/env/variables': { variables: [{ name: 'INTRUDER', value: 'x' }] },
  'POST /projects/{project}/env/variables/copy': { from: 'staging' },
  'POST /projects/{project}/environments': { name: 'preview' },
  'PUT /organizations/{organization}/railway': { token: TOKEN },
  'POST /organizations/{organization}/railway/workspaces': { token: TOKEN },
};
