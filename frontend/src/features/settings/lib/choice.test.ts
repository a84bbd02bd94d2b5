import { expect, test } from "vitest";

import { choiceOf } from "./choice";

test.each([
  [{ fmr: "0.0001", min_similarity: "" }, { fmr: 0.0001 }],
  [{ fmr: "0.0001", min_similarity: "0.6" }, { min_similarity: 0.6 }],
  [{ fmr: "0.0001", min_similarity: "high" }, null],
  [{ fmr: "2", min_similarity: "" }, null],
])("of %o the threshold is %o", (values, expected) => {
  expect(choiceOf(values)).toEqual(expected);
});
