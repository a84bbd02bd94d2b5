import { BellOff } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { SubjectOut } from "@/client/types.gen";
import { Badge } from "@/components/ui/badge";

/** The list somebody is on, by name and colour. */
export function ListBadge({ subject }: { subject: SubjectOut }) {
  if (!subject.watchlist_name) return null;
  return (
    <Badge variant="outline" className="max-w-full min-w-0">
      <span
        aria-hidden
        className="size-2 shrink-0 rounded-full"
        style={{ backgroundColor: subject.watchlist_color ?? undefined }}
      />
      <span dir="auto" className="truncate" title={subject.watchlist_name}>
        {subject.watchlist_name}
      </span>
    </Badge>
  );
}

/** Why somebody is not recognised, as far as that is so. */
export function StandingBadges({ subject }: { subject: SubjectOut }) {
  const { t } = useTranslation("subjects");
  const isOff = subject.status === "inactive";
  return (
    <>
      {isOff && <Badge>{t("inactive")}</Badge>}
      {!isOff && !subject.is_searched && <Badge variant="destructive">{t("over")}</Badge>}
      {subject.images === 0 && <Badge variant="warning">{t("noPicture")}</Badge>}
      {!subject.alert_on_match && (
        <Badge variant="outline" title={t("alertsOff")}>
          <BellOff aria-label={t("alertsOff")} />
        </Badge>
      )}
    </>
  );
}
