import { Bell, Camera, MonitorPlay, ScanSearch, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Button } from "@/components/ui/button";
import { useAuth } from "@/hooks/use-auth";

const ACTIONS = [
  { key: "alerts", to: "/alerts", icon: Bell, needs: "handle_alerts" },
  { key: "live", to: "/live", icon: MonitorPlay, needs: "watch_live" },
  { key: "search", to: "/sightings?search=face", icon: ScanSearch, needs: "search_by_face" },
  { key: "enrol", to: "/subjects", icon: UserPlus, needs: "manage_subjects" },
  { key: "camera", to: "/cameras?dialog=add", icon: Camera, needs: "manage_cameras" },
] as const;

/** What is done most, as far as the user may. */
export function QuickActions() {
  const { t } = useTranslation("dashboard");
  const { hasPermission } = useAuth();
  return ACTIONS.filter(({ needs }) => hasPermission(needs)).map(({ key, to, icon: Icon }) => (
    <Button key={key} asChild variant="outline">
      <Link to={to}>
        <Icon aria-hidden />
        {t(`action.${key}`)}
      </Link>
    </Button>
  ));
}
