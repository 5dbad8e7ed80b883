'use client';

import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from './cx';

export interface TabItem {
  key: string;
  label: string;
  content: ReactNode;
}

/** Tabs whose selection follows the arrow keys. Every panel is in the page, so nothing jumps or loads late. */
export function Tabs({ label, items, start }: { label: string; items: readonly TabItem[]; start?: string }) {
  const id = useId();
  const listRef = useRef<HTMLDivElement>(null);
  const [selected, setSelected] = useState(start ?? items[0]?.key);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = items.findIndex((item) => item.key === selected);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = event.key === 'Home' ? items[0] : event.key === 'End' ? items.at(-1) : step === undefined ? undefined : items.at((at + step) % items.length);
    if (next === undefined) return;
    event.preventDefault();
    setSelected(next.key);
    listRef.current?.querySelector<HTMLElement>(`[data-key="${next.key}"]`)?.focus();
  };
  return (
    <div className="min-w-0">
      <div ref={listRef} role="tablist" aria-label={label} onKeyDown={onKeyDown} className="flex gap-1 overflow-x-auto border-b border-line">
        {items.map((item) => (
          <button
            key={item.key}
            type="button"
            role="tab"
            data-key={item.key}
            id={`${id}-${item.key}`}
            aria-selected={item.key === selected}
            aria-controls={`${id}-${item.key}-panel`}
            tabIndex={item.key === selected ? 0 : -1}
            onClick={() => setSelected(item.key)}
            className={cx(
              'h-9 shrink-0 border-b-2 px-3 text-base -outline-offset-2',
              item.key === selected ? 'border-accent font-medium text-ink' : 'border-transparent text-muted hover:text-ink',
            )}
          >
            {item.label}
          </button>
        ))}
      </div>
      {items.map((item) => (
        <div key={item.key} role="tabpanel" id={`${id}-${item.key}-panel`} aria-labelledby={`${id}-${item.key}`} hidden={item.key !== selected} className="pt-4">
          {item.content}
        </div>
      ))}
    </div>
  );
}
