'use client';

import { useEffect, useRef, useState } from 'react';
import { followStream } from '@/app/_live/follow-stream';
import type { LogLine } from '@/lib/deployments/log/schemas';
import { appendLines, type LogChunk } from './log-lines';

export type StreamState = 'waiting' | 'open' | 'lost' | 'ended' | 'refused';

interface LogStream {
  chunks: readonly LogChunk[];
  state: StreamState;
}

interface LogStreamAsked {
  /** The path below `/api/v1`. */
  path: string;
  /** Somebody looks. Without, the connection is given back: a browser has few to one host. */
  wanted: boolean;
  /** Of the deployment: in another state there can be more lines after an end. */
  status: string;
}

/** The lines of a log as they come. After a pause or a lost connection it goes on from the last line that was heard. */
export function useLogStream({ path, wanted, status }: LogStreamAsked): LogStream {
  const [chunks, setChunks] = useState<readonly LogChunk[]>([]);
  const [state, setState] = useState<StreamState>('waiting');
  const [endedIn, setEndedIn] = useState<string | null>(null);
  const lastId = useRef('');
  const latestStatus = useRef(status);
  useEffect(() => {
    latestStatus.current = status;
  }, [status]);
  const listening = wanted && endedIn !== status;
  useEffect(() => {
    if (!listening) return;
    const stop = new AbortController();
    const follow = async () => {
      const refused = await followStream({
        url: `/api/v1${path}`,
        signal: stop.signal,
        lastId: () => lastId.current,
        onOpen: () => {
          setState('open');
          // Without a place to go on from, the server begins again with the recent lines.
          if (lastId.current === '') setChunks([]);
        },
        onLost: () => setState('lost'),
        onEvent: ({ id, kind, data }) => {
          if (id !== '') lastId.current = id;
          if (kind === 'lines') setChunks((before) => appendLines(before, readLines(data)));
          if (kind !== 'end') return;
          setState('ended');
          setEndedIn(latestStatus.current);
          stop.abort();
        },
      });
      if (refused !== undefined) setState('refused');
    };
    void follow();
    return () => stop.abort();
  }, [path, listening]);
  return { chunks, state };
}

/** The server makes its events of the schema from which `LogLine` is inferred. */
function readLines(data: string): LogLine[] {
  return JSON.parse(data) as LogLine[];
}
