import { memo, type MouseEvent } from "react";
import { UserRoundCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { AlertOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { SeverityBadge } from "@/components/severity-badge";
import { TimeAgo } from "@/components/time-ago";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/lib/utils";

import { AlertBadge } from "./alert-badge";

const EDGES = {
  low: "before:bg-severity-low",
  medium: "before:bg-severity-medium",
  high: "before:bg-severity-high",
  critical: "before:bg-severity-critical",
};

interface Props {
  alert: AlertOut;
  /** Where it opens. */
  to: string;
  isChosen: boolean;
  isSelected: boolean;
  /** Undefined: nothing can be done with several. */
  onSelect?: (id: string, isSelected: boolean) => void;
  onOpen?: (id: string, event: MouseEvent) => void;
  /** Its picture's link has expired. */
  onStale: (id: string) => void;
}

/** One alert of the queue: who with the face that was seen, where, how urgent, how far. */
export const AlertCard = memo(function AlertCard(props: Props) {
  const { alert, to, isChosen, isSelected, onSelect, onOpen, onStale } = props;
  const { t } = useTranslation("alerts");
  const name = alert.subject_name ?? t("common:unknownPerson");
  const reason = alert.watchlist_name ?? (alert.rule_id ? t("card.byRule") : null);
  return (
    <div
      className={cn(
        "relative flex h-20 items-start gap-2.5 overflow-hidden border-b py-2 ps-4 pe-3 before:absolute before:inset-y-0 before:start-0 before:w-1 hover:bg-accent/60",
        EDGES[alert.severity],
        isSelected && "bg-primary/8",
        isChosen && "bg-accent hover:bg-accent",
      )}
    >
      {onSelect && (
        <Checkbox
          checked={isSelected}
          onCheckedChange={(checked) => onSelect(alert.id, checked === true)}
          aria-label={t("card.select", { name, camera: alert.camera_name })}
          className="z-1 mt-0.5"
        />
      )}
      <FaceThumb src={alert.image_url ?? null} alt="" onRetry={() => onStale(alert.id)} className="self-center" />
      <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] gap-0.5">
        <div className="flex items-baseline gap-2">
          <Link
            to={to}
            replace={isChosen}
            preventScrollReset
            data-alert={alert.id}
            aria-current={isChosen || undefined}
            onClick={(event) => onOpen?.(alert.id, event)}
            title={name}
            className={cn(
              "min-w-0 flex-1 truncate outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ring",
              alert.status === "new" ? "font-semibold" : "font-medium",
            )}
          >
            <bdi>{name}</bdi>
          </Link>
          <TimeAgo value={alert.created_at} className="shrink-0 text-xs text-muted-foreground" />
        </div>
        <div className="flex items-center gap-3 text-xs text-muted-foreground">
          <p className="min-w-0 flex-1 truncate">
            <bdi>{alert.camera_name}</bdi>
            {reason && (
              <>
                {" · "}
                <bdi>{reason}</bdi>
              </>
            )}
          </p>
          {alert.assigned_to_name && <Assigned name={alert.assigned_to_name} />}
        </div>
        <div className="flex items-center gap-2 overflow-hidden text-xs whitespace-nowrap">
          <SeverityBadge severity={alert.severity} />
          <AlertBadge alert={alert} className="flex-nowrap overflow-hidden" />
        </div>
      </div>
    </div>
  );
});

function Assigned({ name }: { name: string }) {
  const { t } = useTranslation("alerts");
  return (
    <span className="inline-flex max-w-28 shrink-0 items-center gap-1">
      <UserRoundCheck aria-hidden className="size-3.5 shrink-0" />
      <span className="sr-only">{t("card.assigned")} </span>
      <bdi className="truncate" title={name}>
        {name}
      </bdi>
    </span>
  );
}
