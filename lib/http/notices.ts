import { EventEmitter } from 'node:events';
import { listen } from '@/db/platform/listen';
import type { Notice } from '@/db/platform/notify';
import type { Composition } from '@/lib/composition';
import { bumpOrganization } from '@/lib/identity/access/freshness';

/** What a stream of this process can wait for. */
export interface Notices {
  /** Calls back for every notice, and with null after a reconnection, when some may have been missed. Answers how to stop. */
  subscribe(onNotice: (notice: Notice | null) => void, onClose: () => void): () => void;
  /** Ends every stream: an open one would keep the process from stopping. */
  close(): Promise<void>;
}

/** One database connection for all streams of the process. A process-local cache hears here what other processes changed. */
export function openNotices(composition: Composition): Notices {
  const { env, log, redis, ports } = composition;
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  const listener = listen(env.DATABASE_DIRECT_URL ?? env.DATABASE_URL, {
    log,
    onConnect: () => emitter.emit('notice', null),
    onNotice(notice) {
      if (redis === null && 'organization_id' in notice) void bumpOrganization(ports.cache, notice.organization_id);
      emitter.emit('notice', notice);
    },
  });
  return {
    subscribe(onNotice, onClose) {
      emitter.on('notice', onNotice);
      emitter.on('close', onClose);
      return () => emitter.off('notice', onNotice).off('close', onClose);
    },
    close() {
      emitter.emit('close');
      return listener.close();
    },
  };
}
