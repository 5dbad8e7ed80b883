export function isBuilt(root: string): Promise<boolean>;
