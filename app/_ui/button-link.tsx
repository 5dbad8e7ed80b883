import type { ComponentProps, ReactNode } from 'react';
import { buttonClass, type ButtonKind, type ButtonSize } from './button';
import { Link } from './link';

interface ButtonLinkProps extends Omit<ComponentProps<typeof Link>, 'className'> {
  kind?: ButtonKind;
  size?: ButtonSize;
  icon?: ReactNode;
  className?: string;
}

export function ButtonLink({ kind, size, icon, className, children, ...rest }: ButtonLinkProps) {
  return (
    <Link {...rest} className={buttonClass(kind, size, className)}>
      {icon}
      {children}
    </Link>
  );
}
