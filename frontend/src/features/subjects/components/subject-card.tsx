import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { SubjectOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { TimeAgo } from "@/components/time-ago";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/lib/utils";

import { ListBadge, StandingBadges } from "./subject-badges";

interface Props {
  subject: SubjectOut;
  isSelected: boolean;
  /** Given to whoever may change people. */
  onSelect?: (isSelected: boolean) => void;
  /** Reads the list again: links to pictures are short-lived. */
  onPictureFailed: () => void;
}

export function SubjectCard({ subject, isSelected, onSelect, onPictureFailed }: Props) {
  const { t } = useTranslation("subjects");
  const { id, name, last_seen_at, portrait_url } = subject;
  return (
    <article
      className={cn(
        "relative grid h-full overflow-hidden rounded-lg border bg-card has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-ring hover:border-input",
        isSelected && "border-primary ring-1 ring-primary",
      )}
    >
      <FaceThumb
        src={portrait_url ?? null}
        alt={name}
        className="aspect-square size-auto w-full rounded-none"
        onRetry={onPictureFailed}
      />
      <div className="grid h-22 content-start gap-1 p-2">
        <Link
          to={`/subjects/${id}`}
          dir="auto"
          title={name}
          className="truncate font-medium outline-none after:absolute after:inset-0"
        >
          {name}
        </Link>
        <span className="truncate text-xs text-muted-foreground">
          {last_seen_at ? <TimeAgo value={last_seen_at} /> : t("neverSeen")}
        </span>
        <span className="flex min-w-0 gap-1 overflow-hidden">
          <ListBadge subject={subject} />
          <StandingBadges subject={subject} />
        </span>
      </div>
      {onSelect && (
        <span className="absolute start-1.5 top-1.5 flex size-7 items-center justify-center rounded-md bg-card/85 pointer-coarse:size-11">
          <Checkbox
            aria-label={t("select", { name })}
            checked={isSelected}
            onCheckedChange={(checked) => onSelect(checked === true)}
          />
        </span>
      )}
    </article>
  );
}
