import { useId, type ComponentProps, type ReactNode } from 'react';
import { control } from './control';
import { cx } from './cx';
import { Icon } from './icon';
import { Select } from './select';

interface FieldProps {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  optional?: boolean | undefined;
  className?: string | undefined;
}

interface WiredProps {
  id: string;
  'aria-invalid': true | undefined;
  'aria-describedby': string | undefined;
}

/** Label above, help below, the error in the help's place with an icon. Works in server and client components. */
function Field({ label, help, error, optional = false, className, children }: FieldProps & { children: (wired: WiredProps) => ReactNode }) {
  const id = useId();
  const noteId = `${id}-note`;
  const hasNote = error !== undefined || help !== undefined;
  return (
    <div className={cx('flex min-w-0 flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {optional && <span className="font-normal text-subtle"> (optional)</span>}
      </label>
      {children({ id, 'aria-invalid': error === undefined ? undefined : true, 'aria-describedby': hasNote ? noteId : undefined })}
      {error !== undefined ? (
        <p id={noteId} className="flex gap-1.5 text-sm text-bad">
          <Icon name="circle-alert" className="mt-0.5" />
          <span className="min-w-0 break-words">{error}</span>
        </p>
      ) : (
        help !== undefined && (
          <div id={noteId} className="text-sm text-muted">
            {help}
          </div>
        )
      )}
    </div>
  );
}

export function TextField({ label, help, error, optional, className, mono = false, ...input }: FieldProps & { mono?: boolean } & Omit<ComponentProps<'input'>, keyof FieldProps>) {
  return (
    <Field {...{ label, help, error, optional, className }}>
      {(wired) => <input {...input} {...wired} className={cx(control, 'h-9 read-only:bg-sunken', mono && 'font-mono')} />}
    </Field>
  );
}

export function SelectField({ label, help, error, optional, className, children, ...select }: FieldProps & Omit<ComponentProps<'select'>, keyof FieldProps>) {
  return (
    <Field {...{ label, help, error, optional, className }}>
      {(wired) => (
        <Select {...select} {...wired}>
          {children}
        </Select>
      )}
    </Field>
  );
}

export function Checkbox({ label, help, ...input }: { label: ReactNode; help?: string } & Omit<ComponentProps<'input'>, 'type'>) {
  const id = useId();
  return (
    <div className="flex gap-2.5">
      <input {...input} id={id} type="checkbox" aria-describedby={help === undefined ? undefined : `${id}-help`} className="mt-0.5 size-4 shrink-0 accent-accent" />
      <div className="min-w-0">
        <label htmlFor={id} className="text-base">
          {label}
        </label>
        {help !== undefined && (
          <p id={`${id}-help`} className="text-sm text-muted">
            {help}
          </p>
        )}
      </div>
    </div>
  );
}
