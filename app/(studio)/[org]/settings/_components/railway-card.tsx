import { Badge, Notice } from '@/app/_ui/badge';
import { Card } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { RelativeTime } from '@/app/_ui/relative-time';
import type { RailwayAnswer } from '@/lib/deployments/connection/schemas';
import { ConnectRailway } from '../../_components/connect-railway';
import { DisconnectRailway } from './disconnect-railway';

interface RailwayCardProps {
  organizationId: string;
  railway: RailwayAnswer;
  mayManage: boolean;
}

/** Where the organization's apps are built and run. */
export function RailwayCard({ organizationId, railway: { connection, local_available: localAvailable }, mayManage }: RailwayCardProps) {
  const connect = (words: string, primary: boolean) => (
    <ConnectRailway organizationId={organizationId} localAvailable={localAvailable} mayManage={mayManage} kind={primary ? 'primary' : 'secondary'}>
      {words}
    </ConnectRailway>
  );
  if (connection === null) {
    return (
      <Card title="Railway" description="Not connected. Projects deploy their apps to a workspace at Railway once it is.">
        {connect('Connect Railway', true)}
      </Card>
    );
  }
  return (
    <Card title="Railway" description="Projects deploy their apps to this workspace.">
      <div className="flex flex-col gap-4">
        {connection.refused_since !== null && (
          <Notice tone="bad" icon={<Icon name="triangle-alert" />} title="Railway does not accept the token any more">
            <p>
              Since <RelativeTime at={connection.refused_since} />. What runs goes on running; nothing can be deployed before the token is replaced.
            </p>
          </Notice>
        )}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="min-w-0 font-medium break-words">{connection.workspace.name}</span>
          {connection.refused_since === null && <Badge tone="good">Connected</Badge>}
          <p className="w-full text-sm break-words text-muted">
            Account {connection.account}, connected <RelativeTime at={connection.connected_at} />
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {connect('Replace the token', connection.refused_since !== null)}
          <DisconnectRailway organizationId={organizationId} mayManage={mayManage} />
        </div>
      </div>
    </Card>
  );
}
