/** What is wrong with a text, or undefined. The server's own rules decide; these only spare a round trip. */
export type Rule = (text: string) => string | undefined;

export function requiredRule(message: string): Rule {
  return (text) => (text === '' ? message : undefined);
}

export const emailRule: Rule = (text) => {
  if (text.trim() === '') return 'Type your e-mail address.';
  if (text.length > 254) return 'The address must not be longer than 254 characters.';
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim()) ? undefined : 'This does not look like an e-mail address.';
};

export const newPasswordRule: Rule = (text) => {
  if (text === '') return 'Choose a password.';
  if (text.length < 10) return 'The password needs at least 10 characters.';
  return [...text].length > 200 ? 'The password must not be longer than 200 characters.' : undefined;
};

export function nameRule(what: string, most: number): Rule {
  return (text) => {
    if (text.trim() === '') return `Type ${what}.`;
    return [...text.trim()].length > most ? `Use at most ${most} characters.` : undefined;
  };
}

/** An empty address is left to the server where it may be. */
export const slugRule: Rule = (text) =>
  text === '' || /^[a-z0-9][a-z0-9-]{1,46}[a-z0-9]$/.test(text) ? undefined : 'Use 3 to 48 lower-case letters, digits and hyphens, with a letter or digit at both ends.';

export const hostnameRule: Rule = (text) => (text.length > 253 ? 'A hostname has at most 253 characters.' : undefined);
