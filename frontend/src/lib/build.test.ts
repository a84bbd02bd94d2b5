import { afterEach, describe, expect, it, vi } from "vitest";

import { isOtherBuild } from "@/lib/build";

const html = (script: string) =>
  `<!doctype html><script src="/before-paint.js"></script><script type="module" crossorigin src="${script}"></script>`;
const own = new DOMParser().parseFromString(html("/assets/index-A.js"), "text/html");
const served = (text: string, status = 200) => vi.stubGlobal("fetch", async () => new Response(text, { status }));

describe("the build that the server has", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is this page's while it names the same script", async () => {
    served(html("/assets/index-A.js"));
    expect(await isOtherBuild(own)).toBe(false);
  });

  it("is another one when it names another, newer or older", async () => {
    served(html("/assets/index-B.js"));
    expect(await isOtherBuild(own)).toBe(true);
  });

  it("is not known where a proxy answers, or a page without scripts", async () => {
    served("<h1>Not built</h1>");
    expect(await isOtherBuild(own)).toBe(false);
    served(html("/assets/index-B.js"), 503);
    expect(await isOtherBuild(own)).toBe(false);
  });
});
