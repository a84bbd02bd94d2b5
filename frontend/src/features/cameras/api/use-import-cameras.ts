import { useMutation, useQueryClient } from "@tanstack/react-query";

import { importCameras } from "@/client/sdk.gen";
import type { CameraImportEntry, CameraImportIn } from "@/client/types.gen";
import { newKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

import { partsOf } from "../lib/import";

export type ImportEntry = CameraImportEntry;

/** What would become of a playlist. */
export function useTryPlaylist() {
  return useMutation({
    mutationFn: async (body: Omit<CameraImportIn, "dry_run">) =>
      (await importCameras({ body: { ...body, dry_run: true } })).data.items,
  });
}

interface Import extends Omit<CameraImportIn, "dry_run"> {
  lines: number[];
  /** After every part: what became of it. */
  onPart: (items: ImportEntry[]) => void;
}

/** Add chosen entries, part by part; what was added stays when a later part fails. */
export function useImportCameras() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ lines, onPart, ...body }: Import) => {
      for (const part of partsOf(lines)) {
        const given = { body: { ...body, lines: part, dry_run: false }, headers: { "Idempotency-Key": newKey() } };
        onPart((await importCameras(given)).data.items);
      }
    },
    // Not waited for: the import is over before the lists are read again.
    onSettled: () => void invalidate(cache, "listCameras", "listCameraGroups", "getDashboard"),
  });
}
