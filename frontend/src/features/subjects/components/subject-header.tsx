import type { ReactNode } from "react";
import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { SubjectOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { TimeAgo } from "@/components/time-ago";
import { Timestamp } from "@/components/timestamp";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";

import { NOTES } from "../lib/values";
import { ListBadge, StandingBadges } from "./subject-badges";

/** Who it is, and whether they are recognised. */
export function SubjectHeader({ subject, onPictureFailed }: { subject: SubjectOut; onPictureFailed: () => void }) {
  const { t } = useTranslation("subjects");
  const { metadata } = subject;
  const own = Object.entries(metadata).filter(([key]) => key !== NOTES);
  const why = subject.is_searched ? null : subject.status === "inactive" ? "inactiveHint" : "overHint";
  return (
    <div className="grid grid-cols-1 gap-3">
      {why && (
        <Alert variant="warning" role="status">
          <TriangleAlert aria-hidden />
          <AlertTitle>{t("notRecognised")}</AlertTitle>
          <AlertDescription>{t(why)}</AlertDescription>
        </Alert>
      )}
      <div className="flex flex-col gap-4 rounded-lg border bg-card p-4 sm:flex-row">
        <FaceThumb src={subject.portrait_url ?? null} alt={subject.name} size="xl" onRetry={onPictureFailed} />
        <div className="grid min-w-0 flex-1 grid-cols-1 content-start gap-3">
          <div className="flex min-w-0 flex-wrap gap-1.5 empty:hidden">
            <ListBadge subject={subject} />
            <StandingBadges subject={subject} />
          </div>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 lg:grid-cols-[auto_minmax(0,1fr)_auto_minmax(0,1fr)]">
            {subject.external_id && <Fact name={t("externalId")}>{subject.external_id}</Fact>}
            <Fact name={t("lastSeen")}>
              {subject.last_seen_at ? <TimeAgo value={subject.last_seen_at} /> : t("neverSeen")}
            </Fact>
            <Fact name={t("since")}>
              <Timestamp value={subject.created_at} format="date" />
            </Fact>
            {subject.expires_at && (
              <Fact name={t("expires")}>
                <Timestamp value={subject.expires_at} format="date" />
              </Fact>
            )}
            {own.map(([key, value]) => (
              <Fact key={key} name={key}>
                {typeof value === "boolean" ? t(value ? "common:yes" : "common:no") : String(value ?? "–")}
              </Fact>
            ))}
          </dl>
          {typeof metadata[NOTES] === "string" && (
            <p dir="auto" className="wrap-anywhere whitespace-pre-line text-muted-foreground">
              {metadata[NOTES]}
            </p>
          )}
        </div>
      </div>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="max-w-40 truncate text-muted-foreground" title={name}>
        <bdi>{name}</bdi>
      </dt>
      <dd className="min-w-0 wrap-anywhere">
        <bdi>{children}</bdi>
      </dd>
    </>
  );
}
