'use client';

import type { ReactNode } from 'react';
import { ButtonLink } from '@/app/_ui/button-link';
import { Icon } from '@/app/_ui/icon';
import type { IconName } from '@/app/_ui/icon-shapes';

/** What a page shows that is not there. In the browser's code, because every answer carries it: so it is one reference. */
export function NothingHere() {
  return (
    <Blank icon="search-x" title="There is nothing here">
      The address is mistyped, or what was here is gone or not yours to see. If somebody sent you the link, ask them for access.
    </Blank>
  );
}

/** What a page shows that the role does not open; a reference as well. */
export function NotAllowed() {
  return (
    <Blank icon="shield-x" title="Your role does not open this page">
      You belong to this organization, but your role lacks the right that this page needs. An owner or admin can change your role under Members.
    </Blank>
  );
}

/** The shell stays around it. */
function Blank({ icon, title, children }: { icon: IconName; title: string; children: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-start gap-4 px-4 py-24">
      <span className="flex size-10 items-center justify-center rounded-card bg-hover text-muted">
        <Icon name={icon} className="size-5" />
      </span>
      <h1 className="text-xl">{title}</h1>
      <p className="text-muted">{children}</p>
      <ButtonLink href="/">Go to the start</ButtonLink>
    </div>
  );
}
