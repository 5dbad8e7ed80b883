import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import type { Tried } from '@/lib/trust/proof/schemas';

/** What was tried on each table or address, and what came of it. */
export function TriedTable({ title, rows }: { title: string; rows: readonly Tried[] }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-lg">{title}</h2>
      <Table label={title}>
        <HeadRow>
          <HeadCell>What</HeadCell>
          <HeadCell className="text-right">Probes</HeadCell>
          <HeadCell className="hidden text-right @md:table-cell">Refused</HeadCell>
          <HeadCell className="hidden text-right @md:table-cell">Empty</HeadCell>
          <HeadCell className="text-right">Leaks</HeadCell>
        </HeadRow>
        <tbody>
          {rows.map(({ object, probes, refused, empty, leaks, not_tried: reason }) => (
            <tr key={object}>
              <th scope="row" className="px-4 py-2 text-left font-mono text-sm font-normal break-all">
                {object}
                {reason !== undefined && <span className="block font-sans text-muted">Not tried: {reason}.</span>}
              </th>
              <td className="text-right">{probes}</td>
              <td className="hidden text-right @md:table-cell">{refused}</td>
              <td className="hidden text-right @md:table-cell">{empty}</td>
              <td className={leaks === 0 ? 'text-right' : 'text-right font-medium text-bad'}>{leaks}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}
