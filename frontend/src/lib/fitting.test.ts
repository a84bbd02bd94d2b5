import { expect, it } from "vitest";

import { fitting } from "@/lib/fitting";

const options = [
  { label: "Zürich Eingang", description: "Halle 2" },
  { label: "America/New_York" },
  { label: "بوابة المدخل" },
  { label: "Lager" },
];

it.each([
  ["", 4],
  ["zur", 1],
  ["new york", 1],
  ["eingang 2", 1],
  ["المدخل", 1],
  ["nothing", 0],
])("%s fits %i of them", (typed, count) => expect(fitting(options, typed)).toHaveLength(count));
