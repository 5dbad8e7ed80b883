'use client';

import { useEffect, useState, type RefObject } from 'react';

/** Whether the element can be seen: scrolled to, in a tab that is in front. */
export function useInView(ref: RefObject<Element | null>): boolean {
  const [inView, setInView] = useState(false);
  useEffect(() => {
    if (ref.current === null) return;
    let scrolledTo = false;
    const tell = () => setInView(scrolledTo && document.visibilityState === 'visible');
    const observer = new IntersectionObserver((entries) => {
      scrolledTo = entries.at(-1)?.isIntersecting === true;
      tell();
    });
    observer.observe(ref.current);
    document.addEventListener('visibilitychange', tell);
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', tell);
    };
  }, [ref]);
  return inView;
}
