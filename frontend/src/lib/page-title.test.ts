import { describe, expect, it } from "vitest";

import { setPageTitle } from "./page-title";

describe("the browser's tab", () => {
  it("keeps the count from page to page, and the page from count to count", () => {
    setPageTitle({ name: "Cameras" });
    expect(document.title).toBe("Cameras · Sightline");
    setPageTitle({ count: 3 });
    expect(document.title).toBe("(3) Cameras · Sightline");
    setPageTitle({ name: "Users" });
    expect(document.title).toBe("(3) Users · Sightline");
    setPageTitle({ count: 0 });
    expect(document.title).toBe("Users · Sightline");
  });
});
