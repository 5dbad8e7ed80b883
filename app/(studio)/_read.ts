import 'server-only';
import { forbidden, notFound } from 'next/navigation';
import { cache } from 'react';
import { pageContext } from '@/lib/http/page-context';
import { isAppError } from '@/lib/kernel/errors';
import { getProject } from '@/lib/projects/get-project';
import type { ProjectView } from '@/lib/projects/schemas';

/** The project of the page, read once for the page, its layout and its crumbs. */
export const pageProject = cache(async (id: string): Promise<ProjectView> => getProject(await pageContext(), id));

/** Runs a read of a page; what is not there becomes the 404 page, what is not allowed the 403 page. */
export async function orRefuse<Result>(read: Promise<Result>): Promise<Result> {
  try {
    return await read;
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') notFound();
    if (isAppError(error) && error.code === 'forbidden') forbidden();
    throw error;
  }
}
