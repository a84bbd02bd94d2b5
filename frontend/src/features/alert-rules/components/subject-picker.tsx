import { useDeferredValue, useState, type ComponentProps } from "react";

import { Combobox } from "@/components/combobox";

import { useSubjectNames, useSubjectSearch } from "../api/use-subject-names";

type Props = Omit<ComponentProps<"button">, "value" | "onChange" | "type"> & {
  value: string | null;
  onChange: (subjectId: string | null) => void;
};

/** A person by name. */
export function SubjectPicker({ value, onChange, ...button }: Props) {
  const [text, setText] = useState("");
  const search = useSubjectSearch(useDeferredValue(text.trim()));
  const names = useSubjectNames(value ? [value] : []);
  const options = (search.data?.items ?? []).map((subject) => ({
    value: subject.id,
    label: subject.name,
    description: [subject.external_id, subject.watchlist_name].filter(Boolean).join(" · ") || undefined,
  }));
  const name = value ? names.get(value) : undefined;
  return (
    <Combobox
      {...button}
      options={options}
      chosen={value && name ? [{ value, label: name }] : []}
      value={value || null}
      onChange={onChange}
      onSearch={setText}
      isLoading={search.isPending}
    />
  );
}
