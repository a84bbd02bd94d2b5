import { expect, it } from "vitest";

import { sortFiles } from "@/lib/files";

function file(name: string, type: string, size = 10) {
  return new File(["x".repeat(size)], name, { type });
}

it("takes what fits and says why the rest does not", () => {
  const good = [file("a.JPG", "image/jpeg"), file("b.zip", "application/octet-stream")];
  const bad = [file("c.pdf", "application/pdf"), file("d.png", "image/png", 101), file("e.png", "image/png", 0)];
  const { taken, refused } = sortFiles([...good, ...bad], { accept: "image/*, .zip", maxBytes: 100 });
  expect(taken).toEqual(good);
  expect(refused.map(({ reason }) => reason)).toEqual(["wrongKind", "tooLarge", "isEmpty"]);
});
