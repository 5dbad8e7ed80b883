'use client';

import { Notice } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import { RelativeTime } from '@/app/_ui/relative-time';
import { TextLink } from '@/app/_ui/text-link';
import type { RailwayAnswer } from '@/lib/deployments/connection/schemas';
import { ConnectRailway, type ConnectRailwayAsked } from '../../../../_components/connect-railway';

/** What is wrong between Studio and Railway, while there are apps that it matters to. */
export function RailwayNotice({ railway: { connection }, settings, connect }: { railway: RailwayAnswer; settings: string; connect: ConnectRailwayAsked }) {
  if (connection === null) {
    return (
      <Notice tone="warn" icon={<Icon name="plug" />} title="Railway is not connected">
        <p>What runs there goes on running, but nothing can be changed from here.</p>
        <div className="mt-3"><ConnectRailway {...connect}>Connect Railway</ConnectRailway></div>
      </Notice>
    );
  }
  if (connection.refused_since === null) return null;
  return (
    <Notice tone="bad" icon={<Icon name="triangle-alert" />} title="Railway does not accept the token any more">
      <p>
        Since <RelativeTime at={connection.refused_since} />. What runs goes on running; nothing can be deployed before the token is replaced in the <TextLink href={settings}>organization's settings</TextLink>.
      </p>
    </Notice>
  );
}
