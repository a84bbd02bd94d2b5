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
