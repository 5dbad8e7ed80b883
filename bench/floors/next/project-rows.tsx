interface Project {
  id: string;
  name: string;
  status: string;
  framework: string;
  created_at: string;
}

const cell = 'h-11 px-4 py-2 align-middle whitespace-nowrap text-muted sm:table-cell';

/** As many rows, and about as many bytes, as the page that this is held against. */
export function ProjectRows({ slug, projects }: { slug: string; projects: readonly Project[] }) {
  return (
    <main className="mx-auto w-full px-4 py-6">
      <h1>Projects</h1>
      <table>
        <tbody>
          {projects.map(({ id, name, status, framework, created_at }) => (
            <tr key={id} className="border-b border-line last:border-b-0 hover:bg-sunken">
              <td className={cell}>
                <a className="block truncate font-medium hover:underline" href={`/${slug}/projects/${id}`}>
                  {name}
                </a>
              </td>
              <td className={cell}>
                <span className="inline-flex max-w-full items-center gap-1 rounded-full px-2 py-0.5 text-xs">{status}</span>
              </td>
              <td className={cell}>{framework}</td>
              <td className={cell}>{id}</td>
              <td className={cell}>
                <time dateTime={created_at}>{created_at}</time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}
