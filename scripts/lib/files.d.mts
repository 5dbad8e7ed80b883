export function writeFileAtomic(file: string, text: string, mode?: number): Promise<void>;
