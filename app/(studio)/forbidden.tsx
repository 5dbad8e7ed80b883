import { ShieldX } from 'lucide-react';
import { Blank } from './_components/blank';

export default function Forbidden() {
  return (
    <Blank icon={<ShieldX aria-hidden className="size-5" strokeWidth={1.5} />} title="Your role does not open this page">
      <p>You belong to this organization, but your role lacks the right that this page needs. An owner or admin can change your role under Members.</p>
    </Blank>
  );
}
