import { createRoot } from 'react-dom/client';
import { toast, Toaster } from 'sonner';
import { isDark } from './theme';

let mounted = false;

/** Mounts the one toaster of the page beside the tree of Next, then shows the toast. */
export function showToast(
  kind: 'success' | 'error' | 'message',
  title: string,
  options: { description?: string | undefined; action?: { label: string; run: () => void } | undefined },
): void {
  mountOnce();
  const { description, action } = options;
  toast[kind](title, {
    ...(description === undefined ? {} : { description }),
    ...(action === undefined ? {} : { action: { label: action.label, onClick: action.run } }),
    duration: action === undefined ? 5000 : 10_000,
  });
}

function mountOnce(): void {
  if (mounted) return;
  mounted = true;
  const host = document.createElement('div');
  document.body.append(host);
  createRoot(host).render(
    <Toaster
      position="bottom-right"
      theme={isDark() ? 'dark' : 'light'}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast: 'flex w-full items-center gap-3 rounded-card border border-line bg-surface p-3.5 text-base text-ink shadow-float',
          content: 'min-w-0 flex-1',
          title: 'font-medium break-words',
          description: 'text-sm text-muted break-words',
          actionButton: 'shrink-0 rounded-control border border-control px-2 py-1 text-sm font-medium hover:bg-hover',
        },
      }}
    />,
  );
}
