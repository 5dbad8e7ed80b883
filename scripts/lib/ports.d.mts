export function isPortFree(port: number, host?: string): Promise<boolean>;
export function nextFreePort(preferred: number, host?: string, taken?: Set<number>): Promise<number>;
export function anyFreePort(host?: string): Promise<number>;
