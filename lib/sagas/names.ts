/** Steps as a person reads them. */
export const stepNames: Record<string, string> = {
  reserve: 'Reserve',
  create: 'Create in Appwrite',
  health: 'Check health',
  key: 'Mint key',
  platform: 'Register platform',
  ready: 'Ready',
  silence: 'Silence keys',
  unsilence: 'Give keys back',
  rename: 'Rename in Appwrite',
  delete: 'Delete in Appwrite',
  gone: 'Wait until it is gone',
  tombstone: 'Close the record',
};
