import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { Badge } from '@/app/_ui/badge';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { CodeBlock } from '@/app/_ui/code-block';
import { CopyButton } from '@/app/_ui/copy-button';
import { Icon } from '@/app/_ui/icon';
import { RelativeTime } from '@/app/_ui/relative-time';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { pageContext } from '@/lib/http/page-context';
import { getEnv } from '@/lib/projects/env/get-env';
import { environmentName, environmentNames, type EnvironmentName } from '@/lib/projects/env/schemas';
import { listEnvironments } from '@/lib/projects/environment/list-environments';
import { EnvExport } from '../_components/env-export';
import { NotReady } from '../_components/not-ready';
import { EditVariables } from './_components/edit-variables';
import { EnvironmentBar } from './_components/environment-bar';
import { CopyVariables } from './_components/on-demand';

export const metadata: Metadata = { title: 'Env' };

interface EnvPageProps {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<{ environment?: string | string[] }>;
}

export default async function EnvPage({ params, searchParams }: EnvPageProps) {
  const { org, project: projectId } = await params;
  const project = await orRefuse(pageProject(projectId));
  if (project.status !== 'ready') return <NotReady title="Env" what="Its variables" status={project.status} />;
  const shown = environmentOf((await searchParams).environment);
  if (shown === null) notFound();
  const ctx = await pageContext();
  const [{ variables, version }, { data: environments }] = await Promise.all([orRefuse(getEnv(ctx, project.id, { environment: shown })), orRefuse(listEnvironments(ctx, project.id))]);
  const present = environments.map(({ name }) => name);
  const sources = variables.some(({ source }) => source !== 'generated') ? [] : environments.filter((each) => each.variables > 0).map(({ name }) => name);
  return (
    <PageBody>
      <PageHeader
        title="Env"
        description="What an app of this project needs. The values follow the keys: rotating the key changes them here."
        actions={
          <>
            <EnvExport projectId={project.id} environment={shown} mayExport={project.rights['env:export']} />
            <EditVariables projectId={project.id} environment={shown} variables={variables} version={version} mayWrite={project.rights['env:write']} />
          </>
        }
      />
      <EnvironmentBar
        projectId={project.id}
        path={`/${org}/projects/${project.id}/env`}
        shown={shown}
        present={present}
        missing={environmentNames.filter((name) => !present.includes(name))}
        mayManage={project.rights['key:manage']}
      />
      {sources.length > 0 && <CopyVariables projectId={project.id} environment={shown} sources={sources} mayWrite={project.rights['env:write']} />}
      <Table label="Variables">
        <HeadRow>
          <HeadCell>Name</HeadCell>
          <HeadCell className="hidden @lg:table-cell">Value</HeadCell>
          <HeadCell>
            <span className="sr-only">Copy</span>
          </HeadCell>
        </HeadRow>
        <tbody>
          {variables.map((variable) => (
            <tr key={variable.name}>
              <td className="max-w-0 font-mono text-sm @lg:max-w-none @lg:whitespace-nowrap">
                <span className="block truncate">{variable.name}</span>
                <span className="block truncate text-muted @lg:hidden">{variable.preview}</span>
              </td>
              <td className="hidden max-w-0 min-w-48 @lg:table-cell @lg:w-3/5">
                <span className="flex min-w-0 items-center gap-2">
                  <span className="truncate font-mono text-sm text-muted" title={variable.value ?? undefined}>
                    {variable.preview}
                  </span>
                  {variable.source === 'generated' && <Badge>Generated</Badge>}
                  {variable.source === 'reference' && <Badge>Reference</Badge>}
                  {variable.secret && <Badge icon={<Icon name="lock" className="size-3" />}>Secret</Badge>}
                </span>
                {variable.updated_at !== null && (
                  <span className="block truncate text-sm text-muted">
                    Set by {variable.updated_by ?? 'somebody'} <RelativeTime at={variable.updated_at} />
                  </span>
                )}
              </td>
              <td className="w-12 pl-0 text-right">{variable.value !== null && <CopyButton text={variable.value} label={`Copy ${variable.name}`} />}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="text-muted">Copying all or downloading gives out the secret too. It asks for your password again and is written to the audit log.</p>
      <CodeBlock label="API call" caption="The names and public values from a terminal" code={`curl "$STUDIO_URL/api/v1/projects/${project.id}/env${shown === 'production' ? '' : `?environment=${shown}`}" -H "Authorization: Bearer $STUDIO_TOKEN"`} />
    </PageBody>
  );
}

/** Null for a name that no environment has. */
function environmentOf(asked: string | string[] | undefined): EnvironmentName | null {
  if (asked === undefined) return 'production';
  return environmentName.safeParse(asked).data ?? null;
}
