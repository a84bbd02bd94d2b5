import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { DESTINATIONS } from "@/app/navigation";
import { Badge } from "@/components/ui/badge";
import { Sheet, SheetContent, SheetDescription, SheetHeader, SheetTitle } from "@/components/ui/sheet";
import { useAuth } from "@/hooks/use-auth";
import { useUnreadCount } from "@/hooks/use-unread-count";
import { formatNumber } from "@/lib/format";
import { cn } from "@/lib/utils";

interface Props {
  /** The drawer of a phone. */
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

export function Sidebar({ isOpen, onOpenChange }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <aside className="hidden w-52 shrink-0 flex-col border-e bg-sidebar md:flex">
        <Brand />
        <Navigation />
      </aside>
      <Sheet open={isOpen} onOpenChange={onOpenChange}>
        <SheetContent side="start" className="w-64 bg-sidebar p-0">
          <SheetHeader className="sr-only">
            <SheetTitle>{t("nav.title")}</SheetTitle>
            <SheetDescription>{t("nav.title")}</SheetDescription>
          </SheetHeader>
          <Brand />
          <Navigation />
        </SheetContent>
      </Sheet>
    </>
  );
}

function Brand() {
  return (
    <div className="flex h-12 items-center gap-2.5 px-4">
      <img src="/icon.svg" alt="" width={20} height={20} />
      <span className="font-semibold">Sightline</span>
    </div>
  );
}

function Navigation() {
  const { t } = useTranslation();
  const { hasPermission } = useAuth();
  const shown = DESTINATIONS.filter(({ permission }) => hasPermission(permission));
  return (
    <nav aria-label={t("nav.title")} className="flex-1 overflow-y-auto px-2 py-1">
      <ul className="grid gap-0.5">
        {shown.map(({ path, label, icon: Icon }) => (
          <li key={path}>
            <NavLink
              to={path}
              className={({ isActive }) =>
                cn(
                  "flex min-h-8 items-center gap-2.5 rounded-md px-2 py-1 text-sidebar-foreground hover:bg-sidebar-accent",
                  isActive && "bg-sidebar-accent font-medium text-foreground",
                )
              }
            >
              <Icon className="size-4 shrink-0" aria-hidden />
              <span className="min-w-0 flex-1 truncate">{t(label)}</span>
              {path === "/alerts" && <NewAlerts />}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function NewAlerts() {
  const { t } = useTranslation();
  const { data } = useUnreadCount();
  if (!data?.new) return null;
  return (
    <Badge className="bg-destructive-fill text-destructive-fill-foreground">
      <span className="sr-only">{t("nav.newAlerts", { count: data.new })}</span>
      <span aria-hidden>{data.new > 99 ? `${formatNumber(99)}+` : formatNumber(data.new)}</span>
    </Badge>
  );
}
