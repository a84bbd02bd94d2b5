import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { decideAboutSightings } from "@/client/sdk.gen";
import type { BulkItem, SightingOut } from "@/client/types.gen";
import { invalidate } from "@/lib/query";
import { toast, toastError } from "@/lib/toast";

import { byPerson } from "../lib/list";

/** Records of one call, as the API takes them. */
const MOST = 500;

export type Several =
  | { kind: "confirm"; sightings: SightingOut[] }
  | { kind: "reject"; sightings: SightingOut[] }
  | { kind: "assign"; sightings: SightingOut[]; subjectId: string };

type Call = Parameters<typeof decideAboutSightings>[0]["body"];

function callsOf(given: Several): { calls: Call[]; left: BulkItem[] } {
  const ids = given.sightings.map(({ id }) => id);
  if (given.kind === "reject") return { calls: chunks(ids).map((some) => ({ action: "reject", ids: some })), left: [] };
  if (given.kind === "assign")
    return {
      calls: chunks(ids).map((some) => ({ action: "assign", ids: some, subject_id: given.subjectId })),
      left: [],
    };
  const { people, nameless } = byPerson(given.sightings);
  return {
    calls: [...people].flatMap(([subjectId, theirs]) =>
      chunks(theirs).map((some): Call => ({ action: "assign", ids: some, subject_id: subjectId })),
    ),
    left: nameless.map((id) => ({ id, done: false, code: "nobody" })),
  };
}

function chunks(ids: string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / MOST) }, (_, index) =>
    ids.slice(index * MOST, (index + 1) * MOST),
  );
}

async function send(given: Several): Promise<BulkItem[]> {
  const { calls, left } = callsOf(given);
  const items = [...left];
  for (const body of calls) items.push(...(await decideAboutSightings({ body })).data.items);
  return items;
}

/** One decision about several sightings; each stands alone. Answers with the ids that it failed for. */
export function useDecideSeveral() {
  const { t } = useTranslation("sightings");
  const client = useQueryClient();
  const deciding = useMutation({ mutationFn: send });

  async function decide(given: Several): Promise<string[]> {
    if (deciding.isPending) return given.sightings.map(({ id }) => id);
    try {
      const items = await deciding.mutateAsync(given);
      tell(given.kind, items);
      return items.filter(({ done }) => !done).map(({ id }) => id);
    } catch (error) {
      toastError(error);
      return given.sightings.map(({ id }) => id);
    } finally {
      void invalidate(client, "listSightings", "getSighting", "countRecognitionErrors");
    }
  }

  function tell(kind: Several["kind"], items: BulkItem[]) {
    const failed = items.filter(({ done }) => !done);
    const done = items.length - failed.length;
    if (done > 0) toast.success(t(`told.${kind}Many`, { count: done }));
    if (failed.length === 0) return;
    const reasons = new Set(
      failed.map(({ code, detail }) => (code === "nobody" ? t("told.nobody") : (detail ?? code ?? ""))),
    );
    toast.error(t("told.left", { count: failed.length }), { description: [...reasons].slice(0, 3).join(" · ") });
  }

  return { decide, isBusy: deciding.isPending };
}
