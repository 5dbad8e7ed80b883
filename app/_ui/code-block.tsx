import { CopyButton } from './copy-button';

/** Code that runs as pasted, with a copy button. Scrolls inside its frame and can be reached by keyboard. */
export function CodeBlock({ code, label, caption }: { code: string; label: string; caption?: string }) {
  return (
    <figure className="min-w-0 overflow-hidden rounded-card border border-line bg-sunken">
      <figcaption className="flex h-10 items-center justify-between gap-2 border-b border-line pr-1 pl-4">
        <span className="truncate font-mono text-xs text-muted">{caption ?? label}</span>
        <CopyButton text={code} label={`Copy ${label}`} />
      </figcaption>
      <pre tabIndex={0} aria-label={label} className="overflow-x-auto px-4 py-3 font-mono text-sm">
        <code>{code}</code>
      </pre>
    </figure>
  );
}

/** One short value, cut in the middle of nothing: it scrolls, and copies whole. */
export function CopyValue({ value, label }: { value: string; label: string }) {
  return (
    <div className="flex min-w-0 items-center gap-1 rounded-control border border-line bg-sunken pl-3">
      <input readOnly value={value} aria-label={label} className="min-w-0 flex-1 bg-transparent py-1.5 font-mono text-sm outline-offset-4" />
      <CopyButton text={value} label={`Copy ${label}`} />
    </div>
  );
}
