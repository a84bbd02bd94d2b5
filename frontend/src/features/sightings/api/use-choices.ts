import { useState } from "react";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";

import {
  getCameraOptions,
  getSubjectOptions,
  listCameraGroupsOptions,
  listCamerasOptions,
  listSubjectsOptions,
  listWatchlistsOptions,
} from "@/client/@tanstack/react-query.gen";
import type { ComboboxOption } from "@/components/combobox";
import { useAuth } from "@/hooks/use-auth";

const SHOWN = 50;

export interface Choice {
  isAllowed: boolean;
  /** For the combobox. */
  props: {
    options: ComboboxOption[];
    onSearch?: (text: string) => void;
    isLoading: boolean;
    /** What is chosen, by name. */
    chosen?: ComboboxOption[];
  };
}

/** Cameras whose name or location holds what is typed. */
export function useCameraChoice(chosen: readonly string[]): Choice {
  const { hasPermission } = useAuth();
  const [q, setQ] = useState("");
  const isAllowed = hasPermission("read_cameras");
  const found = useQuery({
    ...listCamerasOptions({ query: { limit: SHOWN, ...(q ? { q } : {}) } }),
    placeholderData: keepPreviousData,
    enabled: isAllowed,
  });
  const options = (found.data?.items ?? []).map(({ id, name, location }) => ({
    value: id,
    label: name,
    description: location || undefined,
  }));
  const missing = missingOf(chosen, options, isAllowed && found.isSuccess);
  const named = useQueries({
    queries: missing.map((id) => getCameraOptions({ path: { camera_id: id } })),
    combine: (all) => all.flatMap(({ data }) => (data ? [{ value: data.id, label: data.name }] : [])),
  });
  return { isAllowed, props: { options, onSearch: setQ, isLoading: found.isLoading, chosen: named } };
}

/** People by a part of their name, or nearly. */
export function useSubjectChoice(chosen: readonly string[]): Choice {
  const { hasPermission } = useAuth();
  const [q, setQ] = useState("");
  const isAllowed = hasPermission("read_subjects");
  const found = useQuery({
    ...listSubjectsOptions({ query: { limit: SHOWN, ...(q ? { q } : {}) } }),
    placeholderData: keepPreviousData,
    enabled: isAllowed,
  });
  const options = (found.data?.items ?? []).map(({ id, name, external_id }) => ({
    value: id,
    label: name,
    description: external_id ?? undefined,
  }));
  const missing = missingOf(chosen, options, isAllowed && found.isSuccess);
  const named = useQueries({
    queries: missing.map((id) => getSubjectOptions({ path: { subject_id: id } })),
    combine: (all) => all.flatMap(({ data }) => (data ? [{ value: data.id, label: data.name }] : [])),
  });
  return { isAllowed, props: { options, onSearch: setQ, isLoading: found.isLoading, chosen: named } };
}

function missingOf(chosen: readonly string[], options: ComboboxOption[], isRead: boolean): string[] {
  if (!isRead) return [];
  const known = new Set(options.map(({ value }) => value));
  return chosen.filter((id) => !known.has(id));
}

export function useGroupChoice(): Choice {
  const { hasPermission } = useAuth();
  const isAllowed = hasPermission("read_cameras");
  const found = useQuery({ ...listCameraGroupsOptions({ query: { limit: 200 } }), enabled: isAllowed });
  const options = (found.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return { isAllowed: isAllowed && options.length > 0, props: { options, isLoading: found.isLoading } };
}

export function useWatchlistChoice(): Choice {
  const { hasPermission } = useAuth();
  const isAllowed = hasPermission("read_watchlists");
  const found = useQuery({ ...listWatchlistsOptions({ query: { limit: 200 } }), enabled: isAllowed });
  const options = (found.data?.items ?? []).map(({ id, name }) => ({ value: String(id), label: name }));
  return { isAllowed, props: { options, isLoading: found.isLoading } };
}

/** The name of what is chosen. */
export function labelIn({ props: { chosen = [], options } }: Choice, value: string): string {
  return [...chosen, ...options].find((option) => option.value === value)?.label ?? "…";
}
