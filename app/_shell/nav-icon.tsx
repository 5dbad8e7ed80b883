import { Activity, Boxes, ChartNoAxesColumn, Database, KeyRound, LayoutDashboard, MonitorSmartphone, ScrollText, Settings, Settings2, SquareTerminal, User, Users, Variable, type LucideIcon } from 'lucide-react';

const icons: Record<string, LucideIcon> = {
  projects: Boxes,
  members: Users,
  'api-keys': SquareTerminal,
  audit: ScrollText,
  usage: ChartNoAxesColumn,
  settings: Settings,
  overview: LayoutDashboard,
  env: Variable,
  keys: KeyRound,
  data: Database,
  activity: Activity,
  'project-settings': Settings2,
  profile: User,
  sessions: MonitorSmartphone,
};

export function NavIcon({ of }: { of: string }) {
  const Icon = icons[of] ?? Boxes;
  return <Icon aria-hidden className="icon" />;
}
