import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { useAuth } from "@/hooks/use-auth";
import { cn } from "@/lib/utils";

const TABS = [
  { to: "/alerts", label: "alertsTabs.alerts", permission: "read_alerts" },
  { to: "/alerts/rules", label: "alertsTabs.rules", permission: "read_alert_rules" },
  { to: "/alerts/channels", label: "alertsTabs.channels", permission: "receive_push" },
] as const;

/** Alerts, the rules that raise them, and the ways on which they are told. */
export function AlertsTabs() {
  const { t } = useTranslation();
  const { hasPermission } = useAuth();
  return (
    <nav
      aria-label={t("alertsTabs.title")}
      className="flex items-center gap-4 overflow-x-auto border-b [scrollbar-width:none]"
    >
      {TABS.filter(({ permission }) => hasPermission(permission)).map(({ to, label }) => (
        <NavLink
          key={to}
          to={to}
          end
          className={({ isActive }) =>
            cn(
              "inline-flex h-9 items-center border-b-2 border-transparent px-0.5 font-medium whitespace-nowrap text-muted-foreground transition-colors hover:text-foreground focus-visible:-outline-offset-2 pointer-coarse:h-11",
              isActive && "border-primary text-foreground",
            )
          }
        >
          {t(label)}
        </NavLink>
      ))}
    </nav>
  );
}
