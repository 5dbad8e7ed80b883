import { headers } from 'next/headers';
import { ProjectRows } from '../project-rows';

const projects = Array.from({ length: 25 }, (_, number) => ({
  id: `prj_${String(number).padStart(26, '0')}`,
  name: `Project ${number}`,
  status: 'Ready',
  framework: 'Next.js',
  created_at: new Date(1.75e12 + number).toISOString(),
}));

/** Reading the request makes the page dynamic; nothing else is read. */
export default async function Page() {
  await headers();
  return <ProjectRows slug="bench" projects={projects} />;
}
