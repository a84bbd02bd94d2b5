import { useEffect, useState } from "react";
import { ChevronLeft } from "lucide-react";
import { useTranslation } from "react-i18next";

import { ErrorState } from "@/components/error-state";
import { FileDrop } from "@/components/file-drop";
import { PageHeader } from "@/components/page-header";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useAuth } from "@/hooks/use-auth";
import { isApiError } from "@/lib/errors";

import { useSearchByFace } from "../api/use-search-by-face";
import { useSightingPicture } from "../api/use-sighting-picture";
import { facesOf, type Box } from "../lib/faces";
import { FaceChooser } from "./face-chooser";
import { PastSightings } from "./past-sightings";
import { Probe } from "./probe";
import { Refusal } from "./refusal";
import { WhoIsThis } from "./who-is-this";

const ACCEPTED = "image/jpeg,image/png,image/webp";
const MOST_BYTES = 20 * 1024 * 1024;

interface Props {
  /** The sighting whose face is looked for; without it a picture is asked for. */
  like?: string;
  onClose: () => void;
}

/** Who is this, and where was this face seen before? */
export function FaceSearch({ like, onClose }: Props) {
  const { t } = useTranslation("sightings");
  const [given, setGiven] = useState<File | null>(null);
  const seen = useSightingPicture(given ? undefined : like);
  const file = given ?? (like ? (seen.data ?? null) : null);

  return (
    <div className="mx-auto grid max-w-6xl grid-cols-1 gap-4">
      <PageHeader
        title={t("face.title")}
        description={t("face.hint")}
        actions={
          <Button variant="outline" onClick={onClose}>
            <ChevronLeft aria-hidden className="rtl:rotate-180" />
            {t("detail.back")}
          </Button>
        }
      />
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[20rem_minmax(0,1fr)]">
        <div className="grid grid-cols-1 gap-3">
          {like && !given && seen.isPending && <Skeleton className="aspect-square max-w-80" />}
          {like && !given && seen.isError && <ErrorState error={seen.error} onRetry={() => void seen.refetch()} />}
          {file && <Probe file={file} isUpload={given !== null} />}
          <FileDrop
            accept={ACCEPTED}
            maxBytes={MOST_BYTES}
            label={t(file ? "face.another" : "face.drop")}
            hint={t("face.kinds")}
            onFiles={([first]) => first && setGiven(first)}
          />
        </div>
        {file ? (
          <Answers
            key={`${file.name} ${file.size} ${file.lastModified}`}
            file={file}
            sightingId={given ? undefined : like}
          />
        ) : (
          <Steps />
        )}
      </div>
    </div>
  );
}

function Steps() {
  const { t } = useTranslation("sightings");
  return (
    <ol className="grid list-decimal gap-2 ps-5 text-muted-foreground marker:text-foreground">
      <li>{t("face.step1")}</li>
      <li>{t("face.step2")}</li>
      <li>{t("face.step3")}</li>
    </ol>
  );
}

/** Asks at once who it is; about the past only when told to. */
function Answers({ file, sightingId }: { file: File; sightingId?: string }) {
  const { t } = useTranslation("sightings");
  const canSearchHistory = useAuth().hasPermission("search_history");
  const who = useSearchByFace();
  const [box, setBox] = useState<Box>();
  const faces = facesOf(who.error);
  const isChoice = isApiError(who.error, "several_faces_found") && faces.length > 1;
  const { mutate } = who;

  useEffect(() => mutate({ file }), [file, mutate]);

  return (
    <div className="grid grid-cols-1 gap-6">
      <div aria-live="polite" className="grid grid-cols-1 gap-3">
        {who.isPending && <Searching />}
        {isChoice && (
          <FaceChooser
            file={file}
            faces={faces}
            onChoose={(face) => {
              setBox(faces[face]?.box);
              mutate({ file, face });
            }}
          />
        )}
        {who.isError && !isChoice && <Refusal error={who.error} onRetry={() => mutate({ file })} />}
        {who.data && <WhoIsThis found={who.data} />}
        {who.data && box && (
          <Button variant="link" className="h-auto justify-self-start p-0" onClick={() => mutate({ file })}>
            {t("face.otherFace")}
          </Button>
        )}
      </div>
      {canSearchHistory && who.data && (
        <PastSightings key={box?.join(" ")} file={file} box={box} sightingId={sightingId} />
      )}
    </div>
  );
}

function Searching() {
  const { t } = useTranslation("sightings");
  return (
    <div aria-busy="true">
      <span className="sr-only">{t("face.searching")}</span>
      <div className="grid gap-2">
        <Skeleton className="h-5 w-40" />
        <Skeleton className="h-24" />
        <Skeleton className="h-24" />
      </div>
    </div>
  );
}
