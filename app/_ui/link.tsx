'use client';

import { useRouter } from 'next/navigation';
import { startTransition, type ComponentProps, type MouseEvent } from 'react';

/**
 * A link inside the product: changes the page without loading it anew, and begins to fetch when it is pointed at or
 * focused. It does what these pages need of `next/link` for a tenth of its size.
 */
export function Link({ href, onClick, children, ...rest }: ComponentProps<'a'> & { href: string }) {
  const router = useRouter();
  const prefetch = () => router.prefetch(href);
  return (
    <a
      {...rest}
      href={href}
      onPointerEnter={prefetch}
      onFocus={prefetch}
      onClick={(event) => {
        onClick?.(event);
        if (!isPlain(event)) return;
        event.preventDefault();
        startTransition(() => router.push(href));
      }}
    >
      {children}
    </a>
  );
}

/** Every other click is the browser's: a new tab, a download, a refusal by the caller. */
function isPlain(event: MouseEvent<HTMLAnchorElement>): boolean {
  return event.button === 0 && !event.defaultPrevented && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}
