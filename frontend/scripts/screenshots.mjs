// Pictures of every page, light, dark and on a phone, of a product that it starts itself with the demo's two guests:
// node scripts/screenshots.mjs [FOLDER [PAGE…]]. The interface has to be built (npm run build). With --running it is the
// product that SIGHTLINE_E2E_STATE names, whose cameras may see people that no published picture may show.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { chromium, request } from "@playwright/test";

import { LAUNCH } from "../e2e/browser.ts";
import { runningHouse, startHouse } from "../e2e/house.ts";
import { PAGES } from "./pages.mjs";

const LOOKS = {
  light: { theme: "light", viewport: { width: 1440, height: 900 } },
  dark: { theme: "dark", viewport: { width: 1440, height: 900 } },
  phone: { theme: "light", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
const WAIT_MS = 90_000;
const SETTLING_MS = 5_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { running: { type: "boolean" } } });
const [folder = "build/screenshots", ...wanted] = positionals;
const unknown = wanted.filter((name) => !(name in PAGES));
if (unknown.length) throw new Error(`No such page: ${unknown.join(", ")}`);
if (!values.running && !existsSync(new URL("../../backend/sightline/api/ui/index.html", import.meta.url))) {
  throw new Error("The interface is not built: npm run build");
}
mkdirSync(folder, { recursive: true });
const { house, stop } = values.running ? { house: runningHouse() } : await startHouse("--demo-data");
const browser = await chromium.launch(LAUNCH);
try {
  const { records, newcomer } = await prepare();
  for (const look of Object.keys(LOOKS)) await takeAll(look, records, newcomer);
} finally {
  await browser.close();
  await stop?.();
}

/** Wait until there is something to see; gives ids of records, and somebody who has never logged in. */
async function prepare() {
  const api = await request.newContext({ baseURL: house.url });
  const login = await answered(await api.post("/v1/auth/login", { data: house.accounts.admin }));
  const headers = { Authorization: `Bearer ${login.access_token}` };
  const read = async (path) => answered(await api.get(path, { headers }));
  const first = async (path) => {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const { items } = await read(path);
      if (items.length) return items[0].id;
      if (Date.now() > deadline) throw new Error(`nothing came of ${path}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  const records = {
    camera: await first("/v1/cameras"),
    subject: await first("/v1/subjects"),
    alert: await first("/v1/alerts"),
    sighting: await first("/v1/sightings?open=false"),
  };
  const newcomer = { username: "newcomer", password: house.accounts.admin.password };
  const body = { ...newcomer, email: "newcomer@example.org", role: "viewer", must_change_password: true };
  const made = await api.post("/v1/users", { data: body, headers });
  if (made.status() !== 409) await answered(made); // there since an earlier run
  await api.dispose();
  return { records, newcomer };
}

async function answered(response) {
  if (!response.ok()) throw new Error(`${response.url()}: ${response.status()} ${await response.text()}`);
  return response.json();
}

/** All pages in one look, each person in a browser of their own. */
async function takeAll(look, records, newcomer) {
  for (const [who, account] of Object.entries({ nobody: null, newcomer, admin: house.accounts.admin })) {
    const context = await openAs(look, account);
    const page = await context.newPage();
    page.on("pageerror", (error) => console.warn(`${page.url()}: ${error.message}`));
    for (const [name, { path, as = "admin" }] of Object.entries(PAGES)) {
      if (as !== who || (wanted.length && !wanted.includes(name))) continue;
      await page.goto(path.replace(/\{(\w+)\}/, (_, noun) => records[noun]));
      await settle(page, name);
      await page.screenshot({ path: join(folder, `${name}-${look}.png`) });
    }
    await context.close();
  }
}

async function openAs(look, account) {
  const { theme, ...options } = LOOKS[look];
  const context = await browser.newContext({
    baseURL: house.url,
    locale: "en-GB",
    reducedMotion: "reduce",
    ...options,
  });
  await context.addInitScript((chosen) => {
    localStorage.setItem("sightline.theme", chosen);
    localStorage.setItem("sightline.language", "en");
  }, theme);
  if (account) {
    const data = { username: account.username, password: account.password, transport: "cookie" };
    await answered(await context.request.post("/v1/auth/login", { data, headers: { Origin: house.url } }));
  }
  return context;
}

/** Nothing is a placeholder any more, every picture in sight is there. */
async function settle(page, name) {
  const isThere = () => {
    const isShown = (element) => element.getClientRects().length > 0;
    if ([...document.querySelectorAll(".animate-pulse, .animate-spin")].some(isShown)) return false;
    return document.querySelector("h1, h2") && [...document.images].filter(isShown).every((one) => one.complete);
  };
  await page.waitForFunction(isThere, null, { timeout: SETTLING_MS }).catch(() => {
    console.warn(`${name}: still loading after ${SETTLING_MS / 1000} s`);
  });
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(300); // charts draw after their container is measured
}
