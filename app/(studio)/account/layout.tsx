import type { ReactNode } from 'react';
import { PageBody } from '@/app/_ui/card';

export default function AccountLayout({ children }: { children: ReactNode }) {
  return <PageBody width="form">{children}</PageBody>;
}
