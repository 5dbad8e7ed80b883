import { notFound } from 'next/navigation';

/** The crumbs slot matches every address; where no page does, there is nothing. */
export default function NoPage() {
  return notFound();
}
