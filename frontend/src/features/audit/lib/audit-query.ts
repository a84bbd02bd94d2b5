import { z } from "zod";

import type { ListAuditEntriesData } from "@/client/types.gen";

const text = z.string().default("");
/** What the address of the page says. */
export const auditAddress = z.object({
  user_id: text,
  action: text,
  table_name: text,
  record_id: text,
  subject_id: text,
  ip_address: text,
  since: text,
  until: text,
});
export type AuditAddress = z.output<typeof auditAddress>;
export type AuditQuery = NonNullable<ListAuditEntriesData["query"]>;

const isUuid = (given: string) => z.guid().safeParse(given).success;

/** Which of the given is no id: the server would refuse it, and leaving it out would show everybody's entries. */
export function wrongIds({ user_id, subject_id }: AuditAddress): ("user_id" | "subject_id")[] {
  const given = { user_id, subject_id };
  return (["user_id", "subject_id"] as const).filter((name) => given[name] && !isUuid(given[name]));
}

/** The filters as the API takes them; several actions stand beside each other. */
export function queryOf({ action, ...rest }: AuditAddress): AuditQuery {
  const actions = action
    .toUpperCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value)),
    ...(actions.length && { action: actions }),
  };
}
