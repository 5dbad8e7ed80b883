import { notFound } from 'next/navigation';

/** Addresses below an organization that no page owns: the 404 page inside the shell. */
export default function NoSuchPage() {
  return notFound();
}
