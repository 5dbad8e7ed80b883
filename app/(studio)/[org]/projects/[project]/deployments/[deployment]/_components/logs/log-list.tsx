'use client';

import { memo, useEffect, useRef, useState } from 'react';
import { Button } from '@/app/_ui/button';
import { cx } from '@/app/_ui/cx';
import { Icon } from '@/app/_ui/icon';
import type { LogLine } from '@/lib/deployments/log/schemas';
import { ansiParts } from './ansi';
import { levelOf, type Level, type LogChunk } from './log-lines';

/** Nearer to the end than this counts as being there. */
const endPx = 24;

/** The lines in a frame of their own that keeps to the newest one, until somebody scrolls up. */
export function LogList({ label, chunks, empty }: { label: string; chunks: readonly LogChunk[]; empty: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const [following, setFollowing] = useState(true);
  const toEnd = () => frame.current?.scrollTo({ top: frame.current.scrollHeight });
  useEffect(() => {
    if (!following || content.current === null) return;
    // Lines get their real height when they come into sight, so the end moves more often than lines come.
    const sized = new ResizeObserver(toEnd);
    sized.observe(content.current);
    return () => sized.disconnect();
  }, [following]);
  const onScroll = () => {
    const { current } = frame;
    if (current === null) return;
    const atEnd = current.scrollHeight - current.scrollTop - current.clientHeight < endPx;
    setFollowing(atEnd || (following && current.scrollTop >= lastTop.current));
    lastTop.current = current.scrollTop;
  };
  return (
    <div className="relative">
      <div
        ref={frame}
        role="log"
        aria-label={label}
        aria-live="off"
        tabIndex={0}
        onScroll={onScroll}
        className="@container h-[min(36rem,70dvh)] overflow-y-auto overscroll-contain rounded-card border border-line bg-sunken"
      >
        <div ref={content} className="py-2 font-mono text-xs leading-5">
          {chunks.length === 0 && <p className="px-4 py-8 text-center font-sans text-base text-muted">{empty}</p>}
          {chunks.map((chunk) => (
            <Chunk key={chunk.key} lines={chunk.lines} />
          ))}
        </div>
      </div>
      {!following && (
        <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
          <Button
            size="small"
            kind="primary"
            icon={<Icon name="arrow-down" />}
            className="pointer-events-auto shadow-float"
            onClick={() => {
              setFollowing(true);
              toEnd();
            }}
          >
            Jump to newest
          </Button>
        </div>
      )}
    </div>
  );
}

/** The browser neither lays out nor paints the pieces that are out of sight; they stay there for its search and for copying. */
const Chunk = memo(function Chunk({ lines }: { lines: readonly LogLine[] }) {
  return (
    <div style={{ contentVisibility: 'auto', containIntrinsicSize: `auto ${lines.length * 20}px` }}>
      {lines.map((line, index) => (
        <Line key={index} line={line} />
      ))}
    </div>
  );
});

const levelInk: Record<Level, string> = { error: 'text-bad', warn: 'text-warn', info: 'text-info', debug: 'text-muted' };

function Line({ line: { at, severity, message } }: { line: LogLine }) {
  const level = levelOf(severity);
  return (
    <p className={cx('flex gap-x-3 px-4 hover:bg-hover', level === 'error' && 'bg-bad-soft', level === 'warn' && 'bg-warn-soft')}>
      <time dateTime={at} title={at} className="hidden shrink-0 text-muted @md:inline">
        {clockTime(at)}
      </time>
      {severity !== null && <span className={cx('w-10 shrink-0 truncate', level === null ? 'text-muted' : levelInk[level])}>{severity.toLowerCase()}</span>}
      <span className="min-w-0 flex-1 break-words whitespace-pre-wrap">
        {ansiParts(message).map(({ text, className }, index) => (className === '' ? text : <span key={index} className={className}>{text}</span>))}
      </span>
    </p>
  );
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

function clockTime(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : clock.format(time);
}
