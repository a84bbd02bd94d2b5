import { describe, expect, it } from "vitest";

import { dayOf, endOf, freshTerms, lastDay, termOf } from "./terms";

const NOW = new Date(2026, 10, 23, 12);

describe("termOf", () => {
  it("tells what is over, what ends soon and what goes on", () => {
    expect(termOf(new Date(2026, 10, 23, 11).toISOString(), NOW)).toBe("over");
    expect(termOf(new Date(2026, 11, 1).toISOString(), NOW)).toBe("soon");
    expect(termOf(new Date(2027, 5, 1).toISOString(), NOW)).toBe("fine");
    expect(termOf("2026-11-23", NOW)).toBe("over");
    expect(termOf(null, NOW)).toBe("fine");
  });
});

describe("endOf", () => {
  it("lasts to the end of the chosen day", () => {
    expect(new Date(endOf("2026-12-24")).getTime()).toBe(new Date(2026, 11, 24, 23, 59, 59, 999).getTime());
  });

  it("keeps the time of a day that was not changed", () => {
    const before = new Date(2026, 11, 24, 9, 30).toISOString();
    expect(endOf(dayOf(before), before)).toBe(before);
    expect(endOf("2026-12-25", before)).not.toBe(before);
  });
});

it("suggests terms that the server takes", () => {
  const { expires, review } = freshTerms(NOW);
  expect(expires <= lastDay(NOW)).toBe(true);
  expect(review < expires).toBe(true);
});
