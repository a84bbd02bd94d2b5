import { expect, test } from "vitest";

import { LineCount } from "./line-count";

const bytes = (text: string) => new TextEncoder().encode(text);

test("rows are counted over pieces that end anywhere", () => {
  const csv = new LineCount("csv");
  csv.add(bytes("id,name\n1,A"));
  expect(csv.rows).toBe(0);
  csv.add(bytes("da\n2,Björk\n"));
  expect(csv.rows).toBe(2);
});

test("brackets of an array are no rows", () => {
  const json = new LineCount("json");
  json.add(bytes('[\n{"a":1},\n{"a":2}\n]\n'));
  expect(json.rows).toBe(2);
  const lines = new LineCount("jsonl");
  lines.add(bytes('{"a":1}\n'));
  expect(lines.rows).toBe(1);
});
