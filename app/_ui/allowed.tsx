'use client';

import type { ReactNode } from 'react';
import { Button, type ButtonKind, type ButtonSize } from './button';
import { Tooltip } from './tooltip';

interface AllowedButtonProps {
  /** Why this person cannot press it; undefined when they can. */
  reason: string | undefined;
  kind?: ButtonKind;
  size?: ButtonSize;
  busy?: boolean;
  icon?: ReactNode;
  /** Left out where there is no right to it. */
  onClick?: () => void;
  children: ReactNode;
}

/** What one may not do stays in sight and in the tab order, disabled, with the reason in a tooltip. */
export function AllowedButton({ reason, onClick, ...rest }: AllowedButtonProps) {
  if (reason === undefined) return <Button {...rest} {...(onClick === undefined ? {} : { onClick })} />;
  return (
    <Tooltip text={reason} className="shrink-0">
      <Button {...rest} aria-disabled />
    </Tooltip>
  );
}
