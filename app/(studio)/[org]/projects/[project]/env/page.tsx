import type { Metadata } from 'next';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { Badge } from '@/app/_ui/badge';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { CodeBlock } from '@/app/_ui/code-block';
import { CopyButton } from '@/app/_ui/copy-button';
import { Icon } from '@/app/_ui/icon';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { pageContext } from '@/lib/http/page-context';
import { getEnv } from '@/lib/projects/env/get-env';
import { EnvExport } from '../_components/env-export';
import { NotReady } from '../_components/not-ready';
import { EditVariables } from './_components/edit-variables';

export const metadata: Metadata = { title: 'Env' };

export default async function EnvPage({ params }: { params: Promise<{ project: string }> }) {
  const project = await orRefuse(pageProject((await params).project));
  if (project.status !== 'ready') return <NotReady title="Env" what="Its variables" status={project.status} />;
  const { variables, version } = await orRefuse(getEnv(await pageContext(), project.id));
  return (
    <PageBody>
      <PageHeader
        title="Env"
        description="What an app of this project needs. The values follow the keys: rotating the key changes them here."
        actions={
          <>
            <EnvExport projectId={project.id} mayExport={project.rights['env:export']} />
            <EditVariables projectId={project.id} variables={variables} version={version} mayWrite={project.rights['env:write']} />
          </>
        }
      />
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
                  {variable.secret && <Badge icon={<Icon name="lock" className="size-3" />}>Secret</Badge>}
                </span>
              </td>
              <td className="w-12 pl-0 text-right">{variable.value !== null && <CopyButton text={variable.value} label={`Copy ${variable.name}`} />}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="text-muted">Copying all or downloading gives out the secret too. It asks for your password again and is written to the audit log.</p>
      <CodeBlock label="API call" caption="The names and public values from a terminal" code={`curl "$STUDIO_URL/api/v1/projects/${project.id}/env" -H "Authorization: Bearer $STUDIO_TOKEN"`} />
    </PageBody>
  );
}
