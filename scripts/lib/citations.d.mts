export function citations(text: string): { quoted: string[]; linked: string[] };
