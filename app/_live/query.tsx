'use client';

import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ApiProblem } from '@/lib/http/client';
import { paths } from '@/lib/paths';

/** The browser's memory of live data. A session that has ended leads to sign-in, and back here afterwards. */
export function QueryProvider({ children }: { children: ReactNode }) {
  const [client] = useState(createClient);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

function createClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    defaultOptions: {
      queries: { staleTime: 5000, retry: (failures, error) => failures < 2 && !(error instanceof ApiProblem && error.status < 500) },
    },
  });
}

function leaveWhenSignedOut(error: Error): void {
  if (!(error instanceof ApiProblem) || error.status !== 401) return;
  window.location.assign(`${paths.signIn}?next=${encodeURIComponent(window.location.pathname)}`);
}
