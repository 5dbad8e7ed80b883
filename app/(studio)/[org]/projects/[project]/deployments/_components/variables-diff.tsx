import { Badge, type Tone } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import type { IconName } from '@/app/_ui/icon-shapes';
import type { DeploymentPreview } from '@/lib/deployments/schemas';

type Variable = DeploymentPreview['variables'][number];

const changes: readonly { change: Variable['change']; word: string; tone: Tone; icon: IconName }[] = [
  { change: 'added', word: 'Added', tone: 'good', icon: 'plus' },
  { change: 'changed', word: 'Changed', tone: 'warn', icon: 'rotate-cw' },
  { change: 'removed', word: 'Removed', tone: 'bad', icon: 'minus' },
];

/** The variables that a deployment sets, by what becomes of each; those of the backend cannot be changed by hand. */
export function VariablesDiff({ variables }: { variables: readonly Variable[] }) {
  const unchanged = variables.filter(({ change }) => change === 'unchanged');
  return (
    <section aria-label="Variables" className="flex min-w-0 flex-col gap-3">
      <h3 className="text-sm font-medium">Variables</h3>
      {unchanged.length === variables.length && <p>{variables.length === 0 ? 'It gets no variables.' : 'None changes: the app has them all already.'}</p>}
      <ul aria-label="Changed variables" className="flex flex-col divide-y divide-line rounded-card border border-line empty:hidden">
        {changes.flatMap(({ change, word, tone, icon }) =>
          variables
            .filter((variable) => variable.change === change)
            .map((variable) => (
              <li key={variable.name} className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-baseline gap-x-3 px-3 py-2">
                <span>
                  <Badge tone={tone} icon={<Icon name={icon} className="size-3" />}>
                    {word}
                  </Badge>
                </span>
                <Named variable={variable} />
              </li>
            )),
        )}
      </ul>
      {unchanged.length > 0 && (
        <details>
          <summary className="text-sm text-muted">{unchanged.length} unchanged</summary>
          <ul aria-label="Unchanged variables" className="mt-2 flex flex-col gap-1.5 pl-3">
            {unchanged.map((variable) => (
              <li key={variable.name}>
                <Named variable={variable} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {variables.some(({ source }) => source === 'generated') && (
        <p className="flex gap-2 text-sm text-muted">
          <Icon name="lock" className="mt-0.5" />
          Generated ones are protected: they follow the backend and its keys, whatever is set by hand.
        </p>
      )}
    </section>
  );
}

function Named({ variable: { name, value, secret, source, change } }: { variable: Variable }) {
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-2 gap-y-0.5">
      <span className="font-mono text-sm break-all">{name}</span>
      {source === 'generated' && <Badge icon={<Icon name="lock" className="size-3" />}>Generated</Badge>}
      {/* Of what only Railway has, nobody knows whether it is one. */}
      {secret && change !== 'removed' && <Badge>Secret</Badge>}
      {value !== null && change !== 'removed' && (
        <span title={value} className="w-full truncate font-mono text-xs text-muted">
          {value}
        </span>
      )}
    </span>
  );
}
