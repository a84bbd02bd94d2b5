import { endOfDay, format, parseISO } from "date-fns";

import type { SubjectIn, SubjectOut } from "@/client/types.gen";

import type { SubjectValues } from "../components/subject-form";
import { fromRows, toRows } from "./metadata";

/** The field of a person's own fields in which notes are kept. */
export const NOTES = "notes";

export const NEW: SubjectValues = {
  name: "",
  external_id: "",
  watchlist_id: null,
  is_active: true,
  alert_on_match: true,
  expires_at: "",
  notes: "",
  fields: [],
};

export function valuesOf(subject: SubjectOut): SubjectValues {
  const rows = toRows(subject.metadata);
  return {
    name: subject.name,
    external_id: subject.external_id ?? "",
    watchlist_id: subject.watchlist_id === null ? null : String(subject.watchlist_id),
    is_active: subject.status === "active",
    alert_on_match: subject.alert_on_match,
    expires_at: subject.expires_at ? format(subject.expires_at, "yyyy-MM-dd") : "",
    notes: rows.find(({ key }) => key === NOTES)?.text ?? "",
    fields: rows.filter(({ key }) => key !== NOTES),
  };
}

/** What is sent; an end that was not changed keeps its time of the day. */
export function written(values: SubjectValues, before?: SubjectOut): SubjectIn {
  const { name, external_id, watchlist_id, is_active, alert_on_match, expires_at, notes, fields } = values;
  const isSameDay = before?.expires_at && format(before.expires_at, "yyyy-MM-dd") === expires_at;
  const rows = notes ? [...fields, { key: NOTES, text: notes }] : fields;
  return {
    name,
    external_id: external_id || null,
    watchlist_id: watchlist_id === null ? null : Number(watchlist_id),
    status: is_active ? "active" : "inactive",
    alert_on_match,
    expires_at: isSameDay ? before.expires_at : expires_at ? endOfDay(parseISO(expires_at)).toISOString() : null,
    metadata: fromRows(rows, before?.metadata ?? {}),
  };
}
