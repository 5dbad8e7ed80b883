/** What the browser can check before asking the server. The server's own rules decide. */
export const emailRule = {
  required: 'Type your e-mail address.',
  pattern: { value: /^[^\s@]+@[^\s@]+\.[^\s@]+$/, message: 'This does not look like an e-mail address.' },
  maxLength: { value: 254, message: 'The address must not be longer than 254 characters.' },
} as const;

export const newPasswordRule = {
  required: 'Choose a password.',
  minLength: { value: 10, message: 'The password needs at least 10 characters.' },
  maxLength: { value: 200, message: 'The password must not be longer than 200 characters.' },
} as const;

export function nameRule(what: string, most: number) {
  return {
    validate: (text: string) => text.trim() !== '' || `Type ${what}.`,
    maxLength: { value: most, message: `Use at most ${most} characters.` },
  };
}

/** An empty address is left to the server where it may be. */
export const slugRule = {
  validate: (text: string) =>
    text === '' || /^[a-z0-9][a-z0-9-]{1,46}[a-z0-9]$/.test(text) || 'Use 3 to 48 lower-case letters, digits and hyphens, with a letter or digit at both ends.',
} as const;
