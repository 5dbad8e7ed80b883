'use client';

import { useEffect, useRef, useState } from 'react';
import { Button, IconButton, type ButtonSize } from './button';
import { Icon } from './icon';

type CopyState = 'idle' | 'copied' | 'failed';

/** Copies `text`; says so to eyes and ears, and says when the browser refuses. */
export function CopyButton({ text, label = 'Copy', words = false, size = 'small' }: { text: string; label?: string; words?: boolean; size?: ButtonSize }) {
  const [state, setState] = useState<CopyState>('idle');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    setState((await copyText(text)) ? 'copied' : 'failed');
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState('idle'), 2000);
  };
  const icon = state === 'copied' ? <Icon name="check" className="text-good" /> : <Icon name="copy" />;
  const said = { idle: '', copied: 'Copied', failed: 'The browser did not allow copying. Select the text and copy it.' }[state];
  return (
    <span className="inline-flex items-center">
      {words ? (
        <Button size={size} icon={icon} onClick={copy}>
          {state === 'copied' ? 'Copied' : label}
        </Button>
      ) : (
        <IconButton label={label} onClick={copy}>
          {icon}
        </IconButton>
      )}
      <span role="status" className={state === 'failed' ? 'ml-2 text-sm text-bad' : 'sr-only'}>
        {said}
      </span>
    </span>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard is missing on plain http and may be refused; the caller says so.
    return false;
  }
}

/** Hands text to the browser as a file. */
export function downloadText(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
