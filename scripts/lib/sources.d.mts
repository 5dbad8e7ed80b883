export function isBuilt(root: string): Promise<boolean>;
export function hashSources(root: string): Promise<string>;
