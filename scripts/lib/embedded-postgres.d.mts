export type PostgresUrls = {
  /** Owns the database and migrates it; a superuser of the embedded cluster. */
  owner: string;
  app: string;
  jobs: string;
  /** The stand-in's own database. */
  appwrite: string;
};

export type RunningPostgres = {
  pid: number;
  port: number;
  reused: boolean;
  location: string;
  urls: PostgresUrls;
  url(role: keyof PostgresUrls, database: string): string;
  stop(mode?: 'smart' | 'fast' | 'immediate'): Promise<void>;
};

export function startPostgres(options: {
  dataDir: string;
  port?: number;
  durable?: boolean;
  log?: (line: string) => void;
}): Promise<RunningPostgres>;

export function stopPostgres(dataDir: string): Promise<boolean>;

export function removePostgres(dataDir: string): Promise<void>;
