import { Dialog } from '@/app/_ui/dialog';

const shortcuts: readonly [string, readonly string[]][] = [
  ['Search or jump to', ['Ctrl', 'K']],
  ['This sheet', ['?']],
  ['Create a project', ['C']],
  ['Filter the list', ['/']],
  ['Close what is open', ['Esc']],
  ['Go to projects', ['G', 'P']],
  ['Go to members', ['G', 'M']],
  ['Go to API keys', ['G', 'K']],
  ['Go to webhooks', ['G', 'W']],
  ['Go to the audit log', ['G', 'A']],
  ['Go to usage and billing', ['G', 'U']],
  ['Go to settings', ['G', 'S']],
  ['Project: overview', ['G', 'O']],
  ['Project: env', ['G', 'E']],
  ['Project: deployments', ['G', 'Y']],
  ['Project: data', ['G', 'D']],
];

export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-2">
        {shortcuts.map(([what, keys]) => (
          <div key={what} className="col-span-2 grid grid-cols-subgrid items-center">
            <dt>{what}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key} className="min-w-6 rounded-control border border-control px-1.5 text-center font-sans text-xs leading-5">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
