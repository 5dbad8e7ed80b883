import type { ComponentProps } from 'react';
import { cx } from './cx';
import { Link } from './link';

/** A link inside text: underlined, so that colour is not its only sign. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return <Link {...rest} className={cx('font-medium text-accent-text underline decoration-1 underline-offset-2 hover:decoration-2', className)} />;
}
