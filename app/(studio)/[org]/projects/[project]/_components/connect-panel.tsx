import { frameworkNames, isFramework, type Framework } from '@/app/(studio)/_components/frameworks';
import { missingRight } from '@/app/_shell/navigation';
import { Card } from '@/app/_ui/card';
import { CodeBlock, CopyValue } from '@/app/_ui/code-block';
import { Tabs } from '@/app/_ui/tabs';
import type { EnvView } from '@/lib/projects/env/schemas';
import { EnvExport } from './env-export';
import { FirstRequest } from './on-demand';
import { snippetFor } from './snippets';

interface ConnectPanelProps {
  projectId: string;
  framework: Framework;
  mayExport: boolean;
  /** Null when the person may not read them. */
  variables: EnvView['variables'] | null;
}

/** The three names that every framework needs; the others are the same values under public names. */
const shownNames = ['APPWRITE_ENDPOINT', 'APPWRITE_PROJECT_ID', 'APPWRITE_API_KEY'];

/** What a developer came for: the variables, and code that runs as pasted. */
export function ConnectPanel({ projectId, framework, mayExport, variables }: ConnectPanelProps) {
  if (variables === null) {
    return (
      <Card title="Connect your app">
        <p className="text-muted">{missingRight('env:read')}</p>
      </Card>
    );
  }
  const valueOf = (name: string) => variables.find((variable) => variable.name === name)?.value ?? '';
  const values = { endpoint: valueOf('APPWRITE_ENDPOINT'), projectId: valueOf('APPWRITE_PROJECT_ID') };
  const order = Object.keys(frameworkNames).filter(isFramework);
  return (
    <Card
      title="Connect your app"
      description="Three variables are all it needs. The key is a secret: it belongs on servers, never in a browser."
      actions={<EnvExport projectId={projectId} mayExport={mayExport} />}
    >
      <div className="flex flex-col gap-6">
        <dl className="grid gap-x-4 gap-y-2 sm:grid-cols-[auto_minmax(0,1fr)] sm:items-center">
          {variables
            .filter((variable) => shownNames.includes(variable.name))
            .map((variable) => (
              <div key={variable.name} className="contents">
                <dt className="font-mono text-sm text-muted">{variable.name}</dt>
                <dd className="min-w-0">
                  {variable.value === null ? (
                    <p className="rounded-control border border-dashed border-line px-3 py-1.5 text-sm text-muted">
                      <code className="font-mono">{variable.preview}</code> Copy all or download to get it.
                    </p>
                  ) : (
                    <CopyValue value={variable.value} label={variable.name} />
                  )}
                </dd>
              </div>
            ))}
        </dl>
        <p className="-mt-3 text-sm text-muted">
          The <code className="font-mono">.env</code> has three more lines: the id again as <code className="font-mono">APPWRITE_PROJECT</code>, and endpoint and id for browsers under{' '}
          <code className="font-mono">NEXT_PUBLIC_</code> names. The key has no public twin.
        </p>
        <FirstRequest projectId={projectId} />
        <Tabs
          label="Framework"
          start={framework}
          items={order.map((key) => {
            const snippet = snippetFor(key, values);
            return {
              key,
              label: frameworkNames[key],
              content: (
                <div className="flex flex-col gap-3">
                  <CodeBlock label={`${frameworkNames[key]} setup`} caption="Terminal" code={snippet.install} />
                  <CodeBlock label={`${frameworkNames[key]} code`} caption={snippet.file} code={snippet.code} />
                  <CodeBlock label={`${frameworkNames[key]} run`} caption="Terminal" code={snippet.run} />
                </div>
              ),
            };
          })}
        />
      </div>
    </Card>
  );
}
