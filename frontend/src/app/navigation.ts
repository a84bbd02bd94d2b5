import {
  BarChart3,
  Bell,
  Camera,
  LayoutDashboard,
  ListChecks,
  MonitorPlay,
  ScanFace,
  Settings,
  UserCog,
  Users,
  type LucideIcon,
} from "lucide-react";

export interface Destination {
  path: string;
  /** Of the namespace common. */
  label: string;
  icon: LucideIcon;
  permission: string;
  /** Pressed after g. */
  key: string;
}

/** What the sidebar, the command palette and the shortcuts lead to, in their order. */
export const DESTINATIONS = [
  { path: "/dashboard", label: "nav.dashboard", icon: LayoutDashboard, permission: "read_analytics", key: "d" },
  { path: "/live", label: "nav.live", icon: MonitorPlay, permission: "watch_live", key: "l" },
  { path: "/alerts", label: "nav.alerts", icon: Bell, permission: "read_alerts", key: "a" },
  { path: "/sightings", label: "nav.sightings", icon: ScanFace, permission: "read_sightings", key: "s" },
  { path: "/subjects", label: "nav.subjects", icon: Users, permission: "read_subjects", key: "p" },
  { path: "/watchlists", label: "nav.watchlists", icon: ListChecks, permission: "read_watchlists", key: "w" },
  { path: "/cameras", label: "nav.cameras", icon: Camera, permission: "read_cameras", key: "c" },
  { path: "/analytics", label: "nav.analytics", icon: BarChart3, permission: "read_analytics", key: "n" },
  { path: "/users", label: "nav.users", icon: UserCog, permission: "manage_users", key: "u" },
  { path: "/settings", label: "nav.settings", icon: Settings, permission: "own_account", key: "e" },
] as const satisfies readonly Destination[];
