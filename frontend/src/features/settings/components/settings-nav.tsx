import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { useAuth } from "@/hooks/use-auth";
import { cn } from "@/lib/utils";

import { SECTIONS } from "../lib/sections";

const PARTS = [
  ...SECTIONS.map((name) => ({ name, permission: "read_settings" })),
  { name: "models", permission: "read_system" },
  { name: "system", permission: "read_system" },
  { name: "audit", permission: "read_audit" },
  { name: "erasures", permission: "read_audit" },
  { name: "keys", permission: "own_account" },
  { name: "jobs", permission: "own_jobs" },
];

/** The parts of the settings that this user may see. */
export function useParts(): string[] {
  const { hasPermission } = useAuth();
  return PARTS.filter(({ permission }) => hasPermission(permission)).map(({ name }) => name);
}

export function SettingsNav() {
  const { t } = useTranslation("settings");
  const parts = useParts();
  return (
    <nav
      aria-label={t("title")}
      className="flex gap-1 overflow-x-auto border-b pb-2 lg:w-44 lg:shrink-0 lg:flex-col lg:border-b-0"
    >
      {parts.map((name) => (
        <NavLink
          key={name}
          to={`/settings/${name}`}
          className={({ isActive }) =>
            cn(
              "rounded-md px-2.5 py-1.5 whitespace-nowrap text-muted-foreground hover:bg-accent hover:text-foreground focus-visible:-outline-offset-2",
              isActive && "bg-accent font-medium text-foreground",
            )
          }
        >
          {t(`nav.${name}`)}
        </NavLink>
      ))}
    </nav>
  );
}
