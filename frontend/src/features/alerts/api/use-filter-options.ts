import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import {
  getCameraOptions,
  getSubjectOptions,
  listAlertRulesOptions,
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
    chosen?: ComboboxOption[];
  };
}

/** Cameras whose name or location holds what is typed. */
export function useCameraOptions(chosenId: string | undefined): Choice {
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
  const isKnown = options.some(({ value }) => value === chosenId);
  const chosen = useQuery({
    ...getCameraOptions({ path: { camera_id: chosenId ?? "" } }),
    enabled: isAllowed && chosenId !== undefined && !isKnown && found.isSuccess,
  });
  return {
    isAllowed,
    props: {
      options,
      onSearch: setQ,
      isLoading: found.isLoading,
      chosen: chosen.data && chosenId ? [{ value: chosenId, label: chosen.data.name }] : undefined,
    },
  };
}

/** People by a part of their name, or nearly. */
export function useSubjectOptions(chosenId: string | undefined): Choice {
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
  const isKnown = options.some(({ value }) => value === chosenId);
  const chosen = useQuery({
    ...getSubjectOptions({ path: { subject_id: chosenId ?? "" } }),
    enabled: isAllowed && chosenId !== undefined && !isKnown && found.isSuccess,
  });
  return {
    isAllowed,
    props: {
      options,
      onSearch: setQ,
      isLoading: found.isLoading,
      chosen: chosen.data && chosenId ? [{ value: chosenId, label: chosen.data.name }] : undefined,
    },
  };
}

export function useWatchlistOptions(): Choice {
  const { hasPermission } = useAuth();
  const isAllowed = hasPermission("read_watchlists");
  const found = useQuery({ ...listWatchlistsOptions({ query: { limit: 200 } }), enabled: isAllowed });
  const options = (found.data?.items ?? []).map(({ id, name }) => ({ value: String(id), label: name }));
  return { isAllowed, props: { options, isLoading: found.isLoading } };
}

export function useRuleOptions(): Choice {
  const { hasPermission } = useAuth();
  const isAllowed = hasPermission("read_alert_rules");
  const found = useQuery({ ...listAlertRulesOptions({ query: { limit: 200 } }), enabled: isAllowed });
  const options = (found.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return { isAllowed, props: { options, isLoading: found.isLoading } };
}
