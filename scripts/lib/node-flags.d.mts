export function nodeFlags(name: string): string[];
