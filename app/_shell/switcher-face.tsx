import { Icon } from '@/app/_ui/icon';

export const switcherClass = 'flex h-8 min-w-0 items-center gap-1.5 rounded-control px-1.5 font-medium hover:bg-hover';

export function SwitcherFace({ name }: { name: string }) {
  return (
    <>
      <span className="max-w-56 truncate">{name}</span>
      <Icon name="chevrons-up-down" className="text-subtle" />
    </>
  );
}
