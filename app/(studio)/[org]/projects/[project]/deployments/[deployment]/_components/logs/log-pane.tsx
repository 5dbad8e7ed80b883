'use client';

import { useEffect, useRef, useState } from 'react';
import { useRemote } from '@/app/_live/use-remote';
import { Button, buttonClass } from '@/app/_ui/button';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { SearchInput } from '@/app/_ui/search-input';
import type { LogKind, LogsView } from '@/lib/deployments/log/schemas';
import { useInView } from '../../../../_components/use-in-view';
import { withoutAnsi } from './ansi';
import { appendLines, countLines, foundLines, mostLines, type LogChunk } from './log-lines';
import { LogList } from './log-list';
import { useLogStream, type StreamState } from './use-log-stream';

interface LogPaneProps {
  projectId: string;
  deployment: { id: string; number: number; status: string };
  kind: LogKind;
}

/** Somebody is still typing. */
const typingMs = 250;

/** One log of a deployment: streamed while it is looked at, searched, copied and downloaded. */
export function LogPane({ projectId, deployment, kind }: LogPaneProps) {
  const ref = useRef<HTMLDivElement>(null);
  const path = `/projects/${projectId}/deployments/${deployment.id}/logs`;
  const { chunks, state } = useLogStream({ path: `${path}/stream?kind=${kind}`, wanted: useInView(ref), status: deployment.status });
  const [typed, setTyped] = useState('');
  const settled = useSettled(typed.trim());
  const words = typed.trim() === '' ? '' : settled;
  const search = useRemote<LogsView>({ path: words === '' ? null : `${path}?${new URLSearchParams({ kind, search: words, limit: String(mostLines) })}` });
  const shown = words === '' ? chunks : appendLines([], foundLines(search.data?.lines ?? [], chunks, words));
  const count = countLines(shown);
  return (
    <div ref={ref} className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <SearchInput label={`Search the ${kind} log`} value={typed} onChange={setTyped} />
        <Button icon={<Icon name="copy" />} onClick={() => void copyLines(shown)}>
          Copy
        </Button>
        <a download href={`/api/v1${path}/download?kind=${kind}`} className={buttonClass()}>
          <Icon name="download" /> Download
        </a>
      </div>
      <LogList label={kind === 'build' ? 'Build log' : 'Runtime log'} chunks={shown} empty={words === '' ? emptyWords(state, kind) : search.data === undefined && search.error === null ? 'Searching' : 'No line holds this text.'} />
      <p role="status" className="flex flex-wrap gap-x-2 text-sm text-muted tabular-nums">
        <span className={state === 'lost' || state === 'refused' ? 'text-warn' : undefined}>{kind === 'build' && state === 'open' ? 'Connected' : stateWords[state]}</span>
        <span aria-hidden>·</span>
        <span>
          {count.toLocaleString('en')} {count === 1 ? 'line' : 'lines'}
          {(words === '' ? count > mostLines - 100 : search.data?.cut === true) && `, the newest; the download has more`}
        </span>
        {search.error !== null && words !== '' && <span className="text-warn">Only the lines shown here were searched: {search.error.message}</span>}
      </p>
    </div>
  );
}

const stateWords: Record<StreamState, string> = {
  waiting: 'Connecting',
  open: 'Live',
  lost: 'The connection was lost and is being made again',
  ended: 'Complete',
  refused: 'The log cannot be read any more. Reload the page.',
};

function emptyWords(state: StreamState, kind: LogKind): string {
  switch (state) {
    case 'waiting':
      return 'The lines are on their way.';
    case 'open':
    case 'lost':
      return kind === 'build' ? 'Nothing yet. Lines appear here once it builds.' : 'Nothing yet. Lines appear here once the app runs.';
    case 'ended':
      return kind === 'build' ? 'The build wrote nothing.' : 'The app wrote nothing.';
    case 'refused':
      return 'There is nothing to show.';
  }
}

async function copyLines(chunks: readonly LogChunk[]): Promise<void> {
  const text = chunks.flatMap(({ lines }) => lines.map(({ at, severity, message }) => [at, severity, withoutAnsi(message)].filter((part) => part !== null).join(' '))).join('\n');
  try {
    await navigator.clipboard.writeText(text);
    notify('success', { title: 'The lines shown are copied' });
  } catch {
    // Browsers refuse the clipboard on plain http.
    notify('message', { title: 'The browser did not allow copying', description: 'Download the log instead.' });
  }
}

/** The text once it has not changed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
