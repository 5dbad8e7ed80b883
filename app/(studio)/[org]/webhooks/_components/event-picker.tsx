import { eventTypes } from '@/lib/webhooks/events';

interface EventPickerProps {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

/** The events that a webhook may want, to tick. */
export function EventPicker({ chosen, onChange }: EventPickerProps) {
  const toggle = (event: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(event);
    else next.delete(event);
    onChange(next);
  };
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium">
        Events <span className="font-normal text-muted tabular-nums">{chosen.size} chosen</span>
      </legend>
      <div className="grid grid-cols-1 gap-x-4 rounded-control border border-control p-2 sm:grid-cols-2">
        {eventTypes.map((event) => (
          <label key={event} className="flex min-h-7 items-center gap-2.5 rounded-control px-1.5 hover:bg-hover">
            <input type="checkbox" checked={chosen.has(event)} onChange={({ target }) => toggle(event, target.checked)} className="size-4 accent-accent" />
            <code className="truncate font-mono text-sm">{event}</code>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
