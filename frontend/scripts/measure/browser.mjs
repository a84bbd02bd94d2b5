// A browser whose processes can be told from all others, and pages that say what they did.
import { chromium } from "@playwright/test";

import { LAUNCH } from "../../e2e/browser.ts";
import { answered } from "./product.mjs";

export async function openBrowser() {
  const server = await chromium.launchServer(LAUNCH);
  const browser = await chromium.connect(server.wsEndpoint());
  return {
    browser,
    pid: server.process().pid,
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** A page of the administrator, who is logged in; url: where the product is reached. */
export async function openPage(browser, house, { url = house.url, viewport = { width: 1440, height: 900 } } = {}) {
  const context = await browser.newContext({ baseURL: url, locale: "en-GB", viewport });
  await context.addInitScript(() => localStorage.setItem("sightline.language", "en"));
  const data = { ...house.accounts.admin, transport: "cookie" };
  await answered(await context.request.post("/v1/auth/login", { data, headers: { Origin: url } }));
  return context.newPage();
}

/** In the page: nothing is a placeholder any more. */
export function isSettled() {
  const isShown = (element) => element.getClientRects().length > 0;
  const waiting = document.querySelectorAll(".animate-pulse, .animate-spin");
  return document.querySelector("h1, h2") !== null && ![...waiting].some(isShown);
}

export function quantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
