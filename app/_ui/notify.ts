interface Notification {
  title: string;
  description?: string | undefined;
  /** An undo or a next step. */
  action?: { label: string; run: () => void };
}

/** Shows a toast. The toast code is loaded with the first one, so pages do not carry it. */
export function notify(kind: 'success' | 'error' | 'message', { title, description, action }: Notification): void {
  void import('./toaster').then(({ showToast }) => showToast(kind, title, { description, action }));
}
