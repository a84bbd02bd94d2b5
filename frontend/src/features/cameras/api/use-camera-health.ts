import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { getCameraHealthOptions, listAuditEntriesOptions } from "@/client/@tanstack/react-query.gen";
import { useAuth } from "@/hooks/use-auth";
import { serverNow } from "@/lib/clock";

const DAY_MS = 86_400_000;
const SHOWN = 100;

/** When a camera gave no pictures, over so many days up to when the view was opened. */
export function useCameraHealth(cameraId: string, days: number) {
  const [opened] = useState(() => serverNow());
  const since = new Date(opened - days * DAY_MS).toISOString();
  return useQuery({
    ...getCameraHealthOptions({ path: { camera_id: cameraId }, query: { since } }),
    placeholderData: keepPreviousData,
  });
}

/** What was said of a camera's state and what people changed of it, for who may read the audit. */
export function useCameraChanges(cameraId: string) {
  const { hasPermission } = useAuth();
  return useQuery({
    ...listAuditEntriesOptions({
      query: { table_name: "cameras", record_id: cameraId, action: ["INSERT", "UPDATE"], limit: SHOWN },
    }),
    enabled: hasPermission("read_audit"),
  });
}
