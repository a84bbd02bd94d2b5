import type { AuditEntryOut } from "@/client/types.gen";

/** Fields of a camera that people change, as the interface names them. */
const FIELDS = {
  name: "name",
  location: "location",
  group_id: "group",
  stream_url: "address",
  has_credentials: "login",
  detection_enabled: "watched",
  recognition_enabled: "recognition",
  time_zone: "zone",
  config: "config",
  removed_at: "removed",
} as const;
type Field = (typeof FIELDS)[keyof typeof FIELDS];

/** What an update changed; empty where it is nothing that has a name here. */
export function changedFields({ old_values: before, new_values: after }: AuditEntryOut): Field[] {
  return Object.entries(FIELDS)
    .filter(([key]) => after && key in after && JSON.stringify(before?.[key]) !== JSON.stringify(after[key]))
    .map(([, field]) => field);
}

/** What the worker said of a camera's state from then on; null where an update is about something else. */
export function stateChange({ old_values: before, new_values: after }: AuditEntryOut): StateChange | null {
  const [status, message] = [after?.status, after?.status_message];
  if (status === before?.status && message === before?.status_message) return null;
  if (status !== "active" && status !== "error" && status !== "inactive") return null;
  return { status, message: typeof message === "string" ? message : "" };
}

interface StateChange {
  status: "active" | "error" | "inactive";
  message: string;
}
