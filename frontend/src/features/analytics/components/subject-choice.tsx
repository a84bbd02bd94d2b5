import { useDeferredValue, useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { getSubjectOptions, listSubjectsOptions } from "@/client/@tanstack/react-query.gen";
import { Combobox } from "@/components/combobox";
import { useUrlState } from "@/hooks/use-url-state";

import { analyticsAddress } from "../lib/address";

/** Whose numbers are asked for; kept in the address. */
export function SubjectChoice() {
  const { t } = useTranslation("analytics");
  const [{ subject }, setAddress] = useUrlState(analyticsAddress);
  const [text, setText] = useState("");
  const q = useDeferredValue(text.trim());
  const found = useQuery({
    ...listSubjectsOptions({ query: q ? { q, sort: "-relevance", limit: 20 } : { limit: 20 } }),
    placeholderData: keepPreviousData,
  });
  const chosen = useQuery({ ...getSubjectOptions({ path: { subject_id: subject } }), enabled: subject !== "" });
  return (
    <Combobox
      className="w-full max-w-sm"
      aria-label={t("subject.choose")}
      placeholder={t("subject.choose")}
      value={subject || null}
      onChange={(id) => setAddress({ subject: id ?? "" })}
      onSearch={setText}
      isLoading={found.isFetching}
      options={found.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      chosen={chosen.data ? [{ value: chosen.data.id, label: chosen.data.name }] : []}
    />
  );
}
