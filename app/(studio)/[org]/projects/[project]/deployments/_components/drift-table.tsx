import { Badge, type Tone } from '@/app/_ui/badge';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import type { DriftView } from '@/lib/deployments/drift/schemas';

type Difference = DriftView['differences'][number];

const kinds: Record<Difference['kind'], { tone: Tone; word: string }> = {
  changed: { tone: 'warn', word: 'Differs' },
  missing: { tone: 'bad', word: 'Missing at Railway' },
  extra: { tone: 'info', word: 'Only at Railway' },
};

export function DriftTable({ differences }: { differences: readonly Difference[] }) {
  return (
    <Table label="Differences">
      <HeadRow>
        <HeadCell>Variable</HeadCell>
        <HeadCell className="hidden @xl:table-cell">Difference</HeadCell>
        <HeadCell>Studio</HeadCell>
        <HeadCell>Railway</HeadCell>
      </HeadRow>
      <tbody>
        {differences.map((each) => (
          <tr key={each.name}>
            <td className="max-w-0 min-w-28 @xl:w-1/4">
              <span className="block truncate font-mono text-sm" title={each.name}>
                {each.name}
              </span>
              <span className="flex flex-wrap gap-1">
                {each.generated && <Badge>Generated</Badge>}
                {each.secret && <Badge>Secret</Badge>}
                <span className="text-sm text-muted @xl:hidden">{kinds[each.kind].word}</span>
              </span>
            </td>
            <td className="hidden whitespace-nowrap @xl:table-cell">
              <Badge tone={kinds[each.kind].tone}>{kinds[each.kind].word}</Badge>
            </td>
            <Side value={each.studio} />
            <Side value={each.railway} />
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Side({ value }: { value: string | null }) {
  return (
    <td className="max-w-0 min-w-20 @xl:w-1/4 truncate font-mono text-sm text-muted" title={value ?? undefined}>
      {value ?? <span className="font-sans text-subtle">None</span>}
    </td>
  );
}
