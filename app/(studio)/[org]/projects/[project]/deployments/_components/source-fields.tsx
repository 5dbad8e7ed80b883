'use client';

import type { ApiForm } from '@/app/_forms/use-api-form';
import { cx } from '@/app/_ui/cx';
import { TextField } from '@/app/_ui/field';
import { sourceKinds } from './deployment-words';
import { isSourceKind, type SourceField, type SourceKind } from './source-form';

const kinds: readonly { kind: SourceKind; help: string }[] = [
  { kind: 'repository', help: 'Railway fetches it from GitHub and builds it.' },
  { kind: 'image', help: 'Railway runs it as it is.' },
  { kind: 'example', help: 'A small notes app that uses the backend of this project.' },
];

/** Where the app comes from, and how it is built and run. */
export function SourceFields({ form, exampleAvailable }: { form: ApiForm<SourceField>; exampleAvailable: boolean }) {
  const kind = form.values['source/kind'];
  // A complaint about the fields of one kind means nothing under another.
  const choose = (chosen: SourceKind) => form.reset({ ...form.values, 'source/kind': chosen });
  return (
    <>
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="mb-1.5 text-sm font-medium">Source</legend>
        <div className="grid gap-2 sm:grid-cols-3">
          {kinds.filter((each) => exampleAvailable || each.kind !== 'example').map((each) => (
            <label key={each.kind} className={cx('flex cursor-pointer flex-col gap-1 rounded-card border p-3', each.kind === kind ? 'border-accent-text bg-accent-soft' : 'border-control hover:bg-hover')}>
              <span className="flex items-center gap-2 font-medium">
                <input type="radio" name="source/kind" value={each.kind} checked={each.kind === kind} onChange={() => choose(each.kind)} className="size-4 shrink-0 accent-accent" />
                <span className="min-w-0">{sourceKinds[each.kind]}</span>
              </span>
              <span className="text-sm text-muted">{each.help}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {isSourceKind(kind) && <FieldsOf kind={kind} form={form} />}
    </>
  );
}

function FieldsOf({ kind, form }: { kind: SourceKind; form: ApiForm<SourceField> }) {
  const text = { autoComplete: 'off', spellCheck: false, mono: true } as const;
  const running = (
    <>
      <TextField {...text} optional placeholder="npm start" help="Left empty, Railway finds out by itself." {...form.field('source/start_command')} />
      <TextField {...text} optional placeholder="/health" help="Answers 200 once the app serves; nobody is sent to it before." {...form.field('source/healthcheck_path')} />
    </>
  );
  switch (kind) {
    case 'repository':
      return (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField {...text} placeholder="owner/name" help="Or its address at GitHub." {...form.field('source/repository')} />
          <TextField {...text} {...form.field('source/branch')} />
          <TextField {...text} optional placeholder="apps/web" help="Where the app lies in the repository." {...form.field('source/root_directory')} />
          <TextField {...text} optional placeholder="npm run build" help="Left empty, Railway finds out by itself." {...form.field('source/build_command')} />
          {running}
        </div>
      );
    case 'image':
      return (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField {...text} placeholder="ghcr.io/owner/name:tag" className="sm:col-span-2" {...form.field('source/image')} />
          {running}
        </div>
      );
    case 'example':
      return <p className="text-muted">It keeps notes as rows and attachments as files in this project's backend. It comes with Studio and needs no settings.</p>;
  }
}
