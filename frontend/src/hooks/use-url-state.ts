import { useCallback, useEffect, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { z } from "zod";

type Values = Record<string, unknown>;

/** What the address is about to hold: several changes in one moment build on each other, in whichever component. */
let asked: URLSearchParams | null = null;

/** Filters, sorting, tab and selection as part of the address: a link reproduces the view.
 *
 * schema: an object schema whose fields have defaults or are optional, of texts, numbers, booleans and lists of texts.
 * What the address holds and the schema refuses counts as absent. Values that equal the default are left out.
 */
export function useUrlState<S extends z.ZodObject>(
  schema: S,
): [z.output<S>, (change: Partial<z.output<S>>, options?: { replace?: boolean }) => void] {
  const [search, setSearch] = useSearchParams();
  const value = useMemo(() => parse(schema, search), [schema, search]);

  // What was asked for is there now.
  useEffect(() => {
    asked = null;
  }, [search]);

  const set = useCallback(
    (change: Partial<z.output<S>>, { replace = false }: { replace?: boolean } = {}) => {
      const before = asked ?? search;
      const next = written(schema, before, change);
      if (next.toString() === before.toString()) return; // no second entry of the history for the same view
      asked = next;
      setSearch(next, { replace, preventScrollReset: true });
    },
    [schema, search, setSearch],
  );
  return [value, set];
}

export function parse<S extends z.ZodObject>(schema: S, search: URLSearchParams): z.output<S> {
  const given: Values = {};
  for (const [name, field] of Object.entries(schema.shape)) {
    const texts = search.getAll(name);
    if (texts.length === 0) continue;
    const candidates: unknown[] = [texts, texts[0], Number(texts[0]), texts[0] === "true"];
    const fitting = candidates.find((one) => (field as z.ZodType).safeParse(one).success && isFaithful(one, texts));
    if (fitting !== undefined) given[name] = fitting;
  }
  return schema.parse(given);
}

/** "true" is a boolean only where it says so, and a number only where it is written as one. */
function isFaithful(value: unknown, texts: string[]): boolean {
  if (typeof value === "boolean") return texts[0] === "true" || texts[0] === "false";
  if (typeof value === "number") return texts[0] !== "" && Number.isFinite(value);
  return true;
}

export function written<S extends z.ZodObject>(
  schema: S,
  search: URLSearchParams,
  change: Partial<z.output<S>>,
): URLSearchParams {
  const defaults: Values = schema.parse({});
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    next.delete(name);
    if (value === undefined || value === null || value === "" || same(value, defaults[name])) continue;
    for (const one of Array.isArray(value) ? value : [value]) next.append(name, String(one));
  }
  return next;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
