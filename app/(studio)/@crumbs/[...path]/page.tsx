import { OrganizationSwitcher } from '@/app/_shell/organization-switcher';
import { ProjectSwitcher } from '@/app/_shell/project-switcher';
import { accountNav, organizationNav, projectNav } from '@/app/_shell/navigation';
import { Link } from '@/app/_ui/link';
import { isAppError } from '@/lib/kernel/errors';
import { pageOrganizations } from '@/lib/http/page-context';
import { pageProject } from '../../_read';

/** The address in words: organization, project, page; the first two are switchers. */
export default async function Crumbs({ params }: { params: Promise<{ path: string[] }> }) {
  const [first = '', second, projectId] = (await params).path;
  const path = `/${(await params).path.join('/')}`;
  const organizations = await pageOrganizations();
  const organization = organizations.find((each) => each.slug === first);
  const project = organization !== undefined && second === 'projects' && projectId !== undefined ? await findProject(projectId) : null;
  const entries = organization === undefined ? accountNav : project === null ? organizationNav(organization.slug) : projectNav(organization.slug, project.id);
  const entry = entries.find((each) => each.href === path);
  // A page of one thing has no entry of its own; the list that it belongs to leads back.
  const list = entry === undefined ? entries.filter((each) => path.startsWith(`${each.href}/`)).toSorted((a, b) => b.href.length - a.href.length)[0] : undefined;
  return (
    <nav aria-label="Breadcrumb">
      <ol className="flex min-w-0 items-center gap-1 text-base">
        {organization !== undefined && (
          <Crumb hideOnPhone={project !== null}>
            <OrganizationSwitcher current={organization.slug} organizations={organizations.map(({ id, name, slug }) => ({ id, name, slug }))} />
          </Crumb>
        )}
        {organization !== undefined && project !== null && (
          <Crumb after hideAfterOnPhone>
            <ProjectSwitcher organizationId={organization.id} slug={organization.slug} current={{ id: project.id, name: project.name }} />
          </Crumb>
        )}
        {entry !== undefined && (
          <Crumb after={organization !== undefined} hideOnPhone={organization !== undefined}>
            <span aria-current="page" className="truncate px-1.5 text-muted">
              {entry.label}
            </span>
          </Crumb>
        )}
        {list !== undefined && listsThings.has(list.key) && (
          <Crumb after hideOnPhone>
            <Link href={list.href} className="truncate rounded-control px-1.5 text-muted hover:text-ink">
              {list.label}
            </Link>
          </Crumb>
        )}
      </ol>
    </nav>
  );
}

/** Entries with pages of single things below them. */
const listsThings: ReadonlySet<string> = new Set(['deployments', 'isolation']);

function Crumb({ after = false, hideOnPhone = false, hideAfterOnPhone = false, children }: { after?: boolean; hideOnPhone?: boolean; hideAfterOnPhone?: boolean; children: React.ReactNode }) {
  return (
    <li className={hideOnPhone ? 'hidden min-w-0 items-center gap-1 sm:flex' : 'flex min-w-0 items-center gap-1'}>
      {after && (
        <span aria-hidden className={hideAfterOnPhone ? 'hidden text-subtle sm:inline' : 'text-subtle'}>
          /
        </span>
      )}
      {children}
    </li>
  );
}

/** A project that is not there is the page's to say; the crumbs only stay short. */
async function findProject(id: string) {
  try {
    return await pageProject(id);
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}
