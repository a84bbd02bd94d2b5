import type { SubjectOut } from "@/client/types.gen";

type Metadata = SubjectOut["metadata"];

/** A field of one's own as it stands in the form. */
export interface FieldRow {
  key: string;
  text: string;
}

const asText = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

export function toRows(metadata: Metadata): FieldRow[] {
  return Object.entries(metadata).map(([key, value]) => ({ key, text: asText(value) }));
}

/** Fields whose text stayed keep the kind they had: a number or a yes remains one. */
export function fromRows(rows: FieldRow[], before: Metadata): Metadata {
  return Object.fromEntries(
    rows.flatMap(({ key, text }) => {
      const name = key.trim();
      if (!name) return [];
      const kept = before[name];
      return [[name, kept !== undefined && asText(kept) === text ? kept : text]];
    }),
  );
}
