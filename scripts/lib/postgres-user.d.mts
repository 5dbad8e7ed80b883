export function postgresUser(): Promise<{ name: string; uid: number; gid: number } | undefined>;
