import type { ReactNode } from 'react';
import { Link } from '@/app/_ui/link';
import { Logo } from '@/app/_ui/logo';
import { StepList, type StepShown } from '@/app/_ui/step-list';
import { paths } from '@/lib/paths';

const promise: readonly StepShown[] = [
  { key: 'reserve', name: 'Reserve', state: 'done', timing: '12 ms', note: null },
  { key: 'create', name: 'Create in Appwrite', state: 'done', timing: '391 ms', note: null },
  { key: 'health', name: 'Check health', state: 'done', timing: '18 ms', note: null },
  { key: 'key', name: 'Mint key', state: 'done', timing: '10 ms', note: null },
  { key: 'ready', name: 'Ready', state: 'done', timing: null, note: 'Copy three variables and your app talks to its own backend.' },
];

/** Outside the studio: one quiet column, with what the product promises beside it. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="flex flex-col px-4 py-6 sm:px-8">
        <header>
          <Link href={paths.home} className="inline-flex items-center gap-2 text-lg font-semibold">
            <Logo /> Studio
          </Link>
        </header>
        <main className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center gap-6 py-12">{children}</main>
      </div>
      <aside aria-label="What Studio does" className="hidden border-l border-line bg-surface lg:flex lg:items-center lg:justify-center">
        <div className="w-full max-w-md px-8">
          <p className="text-2xl font-semibold tracking-tight text-balance">A backend of its own for every project, ready in seconds.</p>
          <p className="mt-3 text-lg text-muted">Self-hosted and walled off per organization. You watch every step as it happens.</p>
          <div className="mt-8 rounded-card border border-line bg-canvas p-5">
            <StepList label="How a project is made" steps={promise} />
          </div>
        </div>
      </aside>
    </div>
  );
}
