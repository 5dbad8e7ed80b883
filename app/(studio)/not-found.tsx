import { Blank } from './_components/blank';
import { Icon } from '@/app/_ui/icon';

export default function NotFound() {
  return (
    <Blank icon={<Icon name="search-x" className="size-5" />} title="There is nothing here">
      <p>The address is mistyped, or what was here is gone or not yours to see. If somebody sent you the link, ask them for access.</p>
    </Blank>
  );
}
