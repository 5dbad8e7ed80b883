'use client';

import { useEffect, useRef } from 'react';
import { ResendVerification } from './resend-verification';

/** After signing up. The words are the same whether the address was new or not. */
export function CheckMail({ email }: { email: string }) {
  const headingRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => headingRef.current?.focus(), []);
  return (
    <>
      <header>
        <h1 ref={headingRef} tabIndex={-1} className="text-xl outline-none">
          Check your mail
        </h1>
        <p className="mt-1.5 break-words text-muted">
          We sent a letter to <strong className="text-ink">{email}</strong>. Open its link to confirm the address; it holds for 24 hours.
        </p>
      </header>
      <ResendVerification email={email} />
    </>
  );
}
