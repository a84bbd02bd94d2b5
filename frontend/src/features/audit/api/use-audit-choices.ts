import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { findAuditUsersOptions, getSubjectOptions, listSubjectsOptions } from "@/client/@tanstack/react-query.gen";
import type { ComboboxOption } from "@/components/combobox";
import { useAuth } from "@/hooks/use-auth";
import { useSettled } from "@/hooks/use-settled";

export interface Choice {
  options: ComboboxOption[];
  onSearch: (text: string) => void;
  isLoading: boolean;
  chosen?: ComboboxOption[];
}

const MOST = 20;

/** Searched when typing pauses. */
function useSearched(): [string, (text: string) => void] {
  const [text, setText] = useState("");
  return [useSettled(text.trim()), setText];
}

/** Accounts by a part of their name; one that is gone keeps its id. */
export function useUserChoice(chosenId: string): Choice {
  const [q, onSearch] = useSearched();
  const found = useQuery({ ...findAuditUsersOptions({ query: q ? { q } : {} }), placeholderData: keepPreviousData });
  const one = useQuery({ ...findAuditUsersOptions({ query: { user_id: chosenId } }), enabled: Boolean(chosenId) });
  const [named] = one.data ?? [];
  return {
    options: (found.data ?? []).map(({ id, username }) => ({ value: id, label: username })),
    onSearch,
    isLoading: found.isLoading,
    chosen: chosenId && one.isFetched ? [{ value: chosenId, label: named?.username ?? chosenId }] : undefined,
  };
}

/** People by a part of their name; null for who may not read of people: an auditor. */
export function useSubjectChoice(chosenId: string): Choice | null {
  const isAllowed = useAuth().hasPermission("read_subjects");
  const [q, onSearch] = useSearched();
  const found = useQuery({
    ...listSubjectsOptions({ query: { limit: MOST, ...(q ? { q } : {}) } }),
    placeholderData: keepPreviousData,
    enabled: isAllowed,
  });
  const items = found.data?.items ?? [];
  const one = useQuery({
    ...getSubjectOptions({ path: { subject_id: chosenId } }),
    enabled: isAllowed && Boolean(chosenId) && found.isSuccess && !items.some(({ id }) => id === chosenId),
    retry: false,
  });
  if (!isAllowed) return null;
  return {
    options: items.map(({ id, name, external_id }) => ({
      value: id,
      label: name,
      description: external_id ?? undefined,
    })),
    onSearch,
    isLoading: found.isLoading,
    chosen: chosenId && one.isFetched ? [{ value: chosenId, label: one.data?.name ?? chosenId }] : undefined,
  };
}
