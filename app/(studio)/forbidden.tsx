import { Blank } from './_components/blank';
import { Icon } from '@/app/_ui/icon';

export default function Forbidden() {
  return (
    <Blank icon={<Icon name="shield-x" className="size-5" />} title="Your role does not open this page">
      <p>You belong to this organization, but your role lacks the right that this page needs. An owner or admin can change your role under Members.</p>
    </Blank>
  );
}
