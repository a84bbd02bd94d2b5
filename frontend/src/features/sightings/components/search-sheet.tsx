import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { SearchDetailOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { QueryView } from "@/components/query-view";
import { Timestamp } from "@/components/timestamp";
import { Button } from "@/components/ui/button";
import { Label } from "@/components/ui/label";
import { Sheet, SheetContent, SheetDescription, SheetHeader, SheetTitle } from "@/components/ui/sheet";
import { Skeleton } from "@/components/ui/skeleton";
import { Textarea } from "@/components/ui/textarea";
import { useAuth } from "@/hooks/use-auth";
import { formatNumber } from "@/lib/format";

import { labelIn, useCameraChoice } from "../api/use-choices";
import { useDecideSearch } from "../api/use-decide-search";
import { useSearch } from "../api/use-searches";
import { FoundSightings } from "./past-sightings";
import { SearchStatusBadge } from "./search-status-badge";

const LONGEST_NOTE = 500;

/** What is asked for and why; a second person decides, and whoever asked sees what it finds. The face is not shown. */
export function SearchSheet({ searchId, onClose }: { searchId: string; onClose: () => void }) {
  const { t } = useTranslation("sightings");
  const query = useSearch(searchId);
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <SheetContent className="sm:max-w-xl">
        <SheetHeader>
          <SheetTitle>{t("searches.one")}</SheetTitle>
          <SheetDescription>{t("searches.probeHint")}</SheetDescription>
        </SheetHeader>
        <QueryView query={query} skeleton={<Skeleton className="h-64" />}>
          {(search) => <Search search={search} />}
        </QueryView>
      </SheetContent>
    </Sheet>
  );
}

function Search({ search }: { search: SearchDetailOut }) {
  const { t } = useTranslation("sightings");
  const { user } = useAuth();
  const isMine = user?.user_id === search.requested_by;
  return (
    <div className="grid grid-cols-1 gap-5">
      <Terms search={search} />
      {search.status === "pending" && isMine && <p className="text-muted-foreground">{t("searches.waitsForOther")}</p>}
      {search.status === "pending" && !isMine && (
        <Can permission="approve_searches">
          <Decision searchId={search.id} />
        </Can>
      )}
      {search.found && <FoundSightings found={search.found} />}
      {search.status === "approved" && !isMine && (
        <p className="text-muted-foreground">{t("searches.resultsForAsker")}</p>
      )}
    </div>
  );
}

function Terms({ search }: { search: SearchDetailOut }) {
  const { t } = useTranslation("sightings");
  const cameras = useCameraChoice(search.camera_ids ?? []);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 [&_dt]:text-muted-foreground">
      <Term name={t("searches.purpose")}>
        <span dir="auto" className="font-medium wrap-break-word">
          {search.purpose}
        </span>
      </Term>
      <Term name={t("searches.status")}>
        <SearchStatusBadge status={search.status} />
      </Term>
      <Term name={t("searches.by")}>
        <bdi>{search.requested_by_name ?? t("history.gone")}</bdi>, <Timestamp value={search.created_at} />
      </Term>
      <Term name={t("searches.where")}>
        {search.camera_ids === null
          ? t("past.everywhere")
          : search.camera_ids.map((id) => labelIn(cameras, id)).join(", ")}
      </Term>
      <Term name={t("searches.when")}>
        {search.since || search.until ? (
          <>
            <Timestamp value={search.since} /> – <Timestamp value={search.until} />
          </>
        ) : (
          t("searches.always")
        )}
      </Term>
      <Term name={t("filter.similarity")}>{formatNumber(search.min_similarity, { maximumFractionDigits: 2 })}</Term>
      {search.decided_at && (
        <Term name={t("searches.decidedBy")}>
          <bdi>{search.decided_by_name ?? t("history.gone")}</bdi>, <Timestamp value={search.decided_at} />
        </Term>
      )}
      {search.note && (
        <Term name={t("searches.note")}>
          <span dir="auto" className="whitespace-pre-wrap wrap-break-word">
            {search.note}
          </span>
        </Term>
      )}
      <Term name={t("searches.expires")}>
        <Timestamp value={search.expires_at} />
      </Term>
    </dl>
  );
}

function Term({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function Decision({ searchId }: { searchId: string }) {
  const { t } = useTranslation("sightings");
  const id = useId();
  const [note, setNote] = useState("");
  const deciding = useDecideSearch();
  const decide = (approved: boolean) => deciding.mutate({ searchId, approved, note: note.trim() });
  return (
    <div className="grid gap-3 rounded-lg border bg-card p-4">
      <p className="text-pretty">{t("searches.question")}</p>
      <div className="grid gap-1.5">
        <Label htmlFor={id}>{t("searches.noteOptional")}</Label>
        <Textarea
          id={id}
          dir="auto"
          rows={2}
          maxLength={LONGEST_NOTE}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
      <div className="flex flex-wrap gap-2">
        <Button loading={deciding.isPending} onClick={() => decide(true)}>
          {t("searches.approve")}
        </Button>
        <Button variant="outline" disabled={deciding.isPending} onClick={() => decide(false)}>
          {t("searches.deny")}
        </Button>
      </div>
    </div>
  );
}
