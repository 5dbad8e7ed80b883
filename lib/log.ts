import { pino, type Logger } from 'pino';

/** One JSON line for each event, written in batches off the hot path; fields that could hold a secret are cut. */
export function createLog(level: string, process: 'server' | 'worker' | 'migrate' | 'local-cloud' | 'demo'): Logger {
  return pino(
    {
      level,
      base: { process },
      redact: {
        paths: ['password', 'token', 'secret', 'authorization', 'cookie', '*.password', '*.token', '*.secret', '*.authorization', '*.cookie', 'err.query', 'err.parameters', 'err.params', 'err.cause.query', 'err.cause.detail', 'err.detail'],
        censor: '[cut]',
      },
    },
    pino.destination({ fd: 1, minLength: 4096, periodicFlush: 250, sync: false }),
  );
}

/** Tells whoever started this process that it works; said at every log level, because a supervisor waits for it. */
export function announceReady(log: Logger, fields: object = {}): void {
  log.child({}, { level: 'info' }).info(fields, 'ready');
  log.flush();
}
