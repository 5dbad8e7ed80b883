import type { ProjectSummary } from '@/lib/projects/schemas';

export type Framework = ProjectSummary['framework'];

/** In the order in which they are offered. */
export const frameworkNames: Record<Framework, string> = {
  nextjs: 'Next.js',
  node: 'Node',
  react: 'React',
  vue: 'Vue',
  flutter: 'Flutter',
  rest: 'REST',
};

export function isFramework(key: string): key is Framework {
  return key in frameworkNames;
}
