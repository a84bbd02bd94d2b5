import { Bell, Camera, Eye, ScanFace, UserCheck, UserX } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { DashboardOut } from "@/client/types.gen";
import { StatCard } from "@/components/stat-card";
import { useAuth } from "@/hooks/use-auth";
import { formatNumber } from "@/lib/format";

/** The numbers of now and today, each leading to what it counts. */
export function Summary({ stats }: { stats: DashboardOut | undefined }) {
  const { t } = useTranslation("dashboard");
  const { hasPermission } = useAuth();
  const active = stats?.cameras_by_status.active ?? 0;
  const all = Object.values(stats?.cameras_by_status ?? {}).reduce((sum, count) => sum + count, 0);
  const cards = [
    { key: "alerts", icon: Bell, value: stats?.open_alerts, to: "/alerts", needs: "read_alerts" },
    { key: "cameras", icon: Camera, value: active, to: "/cameras", needs: "read_cameras" },
    { key: "inView", icon: Eye, value: stats?.in_view, to: "/live?overlay=true", needs: "watch_live" },
    {
      key: "sightings",
      icon: ScanFace,
      value: stats?.sightings_today,
      to: "/sightings?preset=today",
      needs: "read_sightings",
    },
    {
      key: "known",
      icon: UserCheck,
      value: stats?.recognised_today,
      to: "/sightings?preset=today&known=true",
      needs: "read_sightings",
    },
    {
      key: "unknown",
      icon: UserX,
      value: stats?.unknown_today,
      to: "/sightings?preset=today&known=false",
      needs: "read_sightings",
    },
  ] as const;
  return (
    <div className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
      {cards.map(({ key, icon, value = 0, to, needs }) => (
        <StatCard
          key={key}
          label={t(`stat.${key}`)}
          icon={icon}
          isLoading={!stats}
          value={
            key === "cameras" ? (
              <Of text={t("stat.of", { value: formatNumber(active), all: formatNumber(all) })} />
            ) : (
              formatNumber(value)
            )
          }
          to={hasPermission(needs) ? to : undefined}
        />
      ))}
    </div>
  );
}

/** "4,998 of 5,000" is longer than a card is wide at the size of the other numbers. */
function Of({ text }: { text: string }) {
  return (
    <span className={text.length > 9 ? "text-base" : undefined} title={text}>
      {text}
    </span>
  );
}
