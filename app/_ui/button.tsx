import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';
import { Icon } from './icon';

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger';
export type ButtonSize = 'small' | 'medium';

const kinds: Record<ButtonKind, string> = {
  primary: 'bg-accent text-accent-ink hover:bg-accent-hover',
  secondary: 'border border-control bg-surface text-ink hover:bg-hover',
  quiet: 'text-muted hover:bg-hover hover:text-ink',
  danger: 'border border-bad bg-surface text-bad hover:bg-bad-soft',
};

const sizes: Record<ButtonSize, string> = {
  small: 'h-7 gap-1.5 px-2 text-sm',
  medium: 'h-9 gap-2 px-3 text-base',
};

const shape = 'inline-flex shrink-0 items-center justify-center rounded-control font-medium whitespace-nowrap transition-colors duration-150';
const off = 'aria-disabled:opacity-55 disabled:opacity-55';

export function buttonClass(kind: ButtonKind = 'secondary', size: ButtonSize = 'medium', extra?: string): string {
  return cx(shape, off, kinds[kind], sizes[size], extra);
}

interface ButtonOwnProps {
  kind?: ButtonKind;
  size?: ButtonSize;
  /** Work is under way: the button keeps its place and focus, and takes no second press. */
  busy?: boolean;
  icon?: ReactNode;
}

type ButtonProps = ButtonOwnProps & ComponentProps<'button'>;

export function Button({ kind, size, busy = false, icon, className, children, onClick, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      aria-disabled={busy ? true : rest['aria-disabled']}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={buttonClass(kind, size, className)}
    >
      {busy ? <Icon name="loader-circle" className="spin" /> : icon}
      {children}
    </button>
  );
}

/** A square button that shows only an icon; the label is for those who cannot see it. */
export function IconButton({ label, className, children, type = 'button', ...rest }: { label: string } & ComponentProps<'button'>) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      className={cx('inline-flex size-8 shrink-0 items-center justify-center rounded-control text-muted transition-colors duration-150 hover:bg-hover hover:text-ink', off, className)}
    >
      {children}
    </button>
  );
}
