import { frameworkNames } from '@/app/(studio)/_components/frameworks';
import { Card } from '@/app/_ui/card';
import { CopyButton } from '@/app/_ui/copy-button';
import { RelativeTime } from '@/app/_ui/relative-time';
import { duration } from '@/app/_ui/time';
import type { ProjectView } from '@/lib/projects/schemas';

export function ProjectFacts({ project }: { project: ProjectView }) {
  return (
    <Card title="About this project">
      <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2 lg:grid-cols-3">
        <Fact label="Project id" value={project.id} copy />
        <Fact label="Database" value={project.database_ref} copy />
        <Fact label="Backend">Appwrite</Fact>
        <Fact label="Framework">{frameworkNames[project.framework]}</Fact>
        <Fact label="Hostname">{project.hostname ?? 'None given'}</Fact>
        <Fact label="Created">
          <RelativeTime at={project.created_at} />
          {project.ready_at !== null && `, ready after ${duration(Date.parse(project.ready_at) - Date.parse(project.created_at))}`}
        </Fact>
      </dl>
    </Card>
  );
}

function Fact({ label, value, copy = false, children }: { label: string; value?: string; copy?: boolean; children?: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="flex min-h-8 min-w-0 items-center gap-1">
        {value === undefined ? <span className="min-w-0 break-words">{children}</span> : <span className="truncate font-mono text-sm">{value}</span>}
        {copy && value !== undefined && <CopyButton text={value} label={`Copy ${label.toLowerCase()}`} />}
      </dd>
    </div>
  );
}
