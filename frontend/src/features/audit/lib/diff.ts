type Values = Record<string, unknown> | null;

export interface Difference {
  field: string;
  before: string;
  after: string;
  isChanged: boolean;
}

/** Every field of a record before and after, those that changed first. */
export function differences(before: Values, after: Values): Difference[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields
    .map((field) => {
      const [old, now] = [shown(before?.[field]), shown(after?.[field])];
      return { field, before: old, after: now, isChanged: old !== now };
    })
    .toSorted((one, other) => Number(other.isChanged) - Number(one.isChanged));
}

function shown(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
