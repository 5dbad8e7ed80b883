import { SearchX } from 'lucide-react';
import { Blank } from '../_components/blank';

export default function NotFound() {
  return (
    <Blank icon={<SearchX aria-hidden className="size-5" strokeWidth={1.5} />} title="There is nothing here">
      <p>The address is mistyped, or what was here is gone or not yours to see. If somebody sent you the link, ask them for access.</p>
    </Blank>
  );
}
