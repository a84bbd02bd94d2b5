import type { RuleIn, RuleOut } from "@/client/types.gen";

import type { Names } from "../lib/sentence";
import { useChoices } from "./use-choices";
import { useSubjectNames } from "./use-subject-names";

type About = Pick<RuleOut | RuleIn, "subject_id" | "co_presence">;

/** What those are called that rules name by their ids. */
export function useNames(rules: About[]): Names {
  const choices = useChoices();
  const people = rules.flatMap(({ subject_id, co_presence }) => [subject_id, co_presence?.subject_id]);
  const subjects = useSubjectNames(people.filter((id): id is string => Boolean(id)));
  return {
    camera: (id) => choices.cameras.find((one) => one.id === id)?.name,
    group: (id) => choices.groups.find((one) => one.id === id)?.name,
    watchlist: (id) => choices.watchlists.find((one) => one.id === id)?.name,
    subject: (id) => subjects.get(id),
  };
}
