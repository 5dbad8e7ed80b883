import { cx } from './cx';
import type { IconName } from './icon-shapes';

/** An icon of the one set, 16 px unless `className` says otherwise. Words or a label beside it carry the meaning. */
export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg aria-hidden className={cx('icon', className)}>
      <use href={`/icons.svg#${name}`} />
    </svg>
  );
}
