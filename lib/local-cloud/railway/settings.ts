export interface Settings {
  /** How long an app may take until it serves, where its service does not say. */
  healthcheckTimeoutSeconds: number;
  buildTimeoutMs: number;
  buildsAtOnce: number;
  /** Builds that are kept for each service, to go back to. */
  keptBuilds: number;
  /** How long a departing app may finish, where its service does not say. */
  drainingSeconds: number;
  /** Before the first restart of an app that ended; doubles with each. */
  backoffMs: number;
}

export const defaultSettings: Settings = { healthcheckTimeoutSeconds: 300, buildTimeoutMs: 600_000, buildsAtOnce: 2, keptBuilds: 5, drainingSeconds: 5, backoffMs: 200 };
