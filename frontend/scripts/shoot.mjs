// A picture of one page of a running product: node scripts/shoot.mjs /alerts out.png --role admin --width 390 --theme dark --lang ar
// Needs SIGHTLINE_E2E_URL and SIGHTLINE_E2E_STATE (what interface_house.py says); see e2e/README.md.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { chromium } from "@playwright/test";

import { LAUNCH } from "../e2e/browser.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    role: { type: "string", default: "admin" },
    width: { type: "string", default: "1440" },
    height: { type: "string" },
    theme: { type: "string", default: "light" },
    lang: { type: "string", default: "en" },
    wait: { type: "string", default: "1500" },
    full: { type: "boolean", default: false },
  },
});
const [path = "/", target = "page.png"] = positionals;
const base = process.env.SIGHTLINE_E2E_URL ?? "http://127.0.0.1:5173";
const state = JSON.parse(readFileSync(process.env.SIGHTLINE_E2E_STATE ?? "/dev/stdin", "utf8"));

const browser = await chromium.launch(LAUNCH);
const width = Number(values.width);
const context = await browser.newContext({
  baseURL: base,
  viewport: { width, height: Number(values.height ?? (width < 600 ? 844 : 900)) },
  isMobile: width < 600,
  hasTouch: width < 600,
});
await context.addInitScript(
  ([theme, language]) => {
    localStorage.setItem("sightline.theme", theme);
    localStorage.setItem("sightline.language", language);
  },
  [values.theme, values.lang],
);
const { username, password } = state.accounts[values.role] ?? {};
if (username) {
  await context.request.post("/v1/auth/login", {
    data: { username, password, transport: "cookie" },
    headers: { Origin: base },
  });
}
const page = await context.newPage();
page.on("console", (message) => message.type() === "error" && console.error("console:", message.text()));
page.on("pageerror", (error) => console.error("page:", error.message));
await page.goto(path);
await page.waitForTimeout(Number(values.wait));
await page.screenshot({ path: target, fullPage: values.full });
await browser.close();
