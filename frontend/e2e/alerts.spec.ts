import { readFileSync } from "node:fs";

import type { APIRequestContext, Page } from "@playwright/test";

import { expect, test } from "./fixtures";

// A camera of their own: nobody else's alerts come between. One sighting raises one alert per rule.
const RULES = 5;
let camera = "";
const rules: string[] = [];

async function made(admin: APIRequestContext, path: string, data: object): Promise<string> {
  const answer = await admin.post(path, { data });
  expect(answer.status(), await answer.text()).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

async function alertsOf(admin: APIRequestContext, status = ""): Promise<{ id: string }[]> {
  const answer = await admin.get(`/v1/alerts?camera_id=${camera}${status && `&status=${status}`}`);
  return ((await answer.json()) as { items: { id: string }[] }).items;
}

/** The page is left alone by events, as over a slow line: it shows what was. */
async function withoutEvents(page: Page): Promise<void> {
  await page.routeWebSocket(/\/v1\/ws/, () => undefined);
}

const detailOf = (page: Page) => page.getByRole("region", { name: "The chosen alert" });
const cardsOf = (page: Page) => page.locator("[data-alert]");

test.describe.configure({ mode: "serial", timeout: 90_000 });

test.beforeAll(async ({ api, house }) => {
  const admin = await api();
  const { url, username, password } = house.stream;
  const name = `Alerts ${Date.now()}`;
  camera = await made(admin, "/v1/cameras", { name, stream_url: url, username, password });
  await admin.post(`/v1/cameras/${camera}/disable`);
  for (let number = 1; number <= RULES; number += 1) {
    const rule = { name: `${name} ${number}`, camera_id: camera, severity: "critical", cooldown_seconds: 3600 };
    rules.push(await made(admin, "/v1/alerts/rules", rule));
  }
});

test.afterAll(async ({ api }) => {
  const admin = await api();
  for (const rule of rules) await admin.delete(`/v1/alerts/rules/${rule}`, { headers: { "If-Match": "*" } });
  await admin.delete(`/v1/cameras/${camera}`, { headers: { "If-Match": "*" } });
});

test("an alert appears by itself and is handled by keys alone", async ({ page, signIn, api, axe }) => {
  const admin = await api();
  await signIn("operator");
  await page.goto(`/alerts?camera=${camera}`);
  await expect(page.getByText("No alert fits these filters")).toBeVisible();
  await admin.post(`/v1/cameras/${camera}/enable`);
  await expect(cardsOf(page).first()).toBeVisible({ timeout: 40_000 });
  await expect(page.getByRole("status").filter({ hasText: /^(New alert, |\d+ new alerts)/ })).toBeAttached();
  await expect.poll(async () => (await alertsOf(admin, "new")).length).toBeGreaterThanOrEqual(RULES);
  await admin.post(`/v1/cameras/${camera}/disable`);
  await expect(page).toHaveTitle(/^\(\d+\) Alerts · Sightline$/);
  const face = page
    .getByRole("listitem")
    .filter({ has: page.locator("[data-alert]") })
    .locator("img");
  await expect.poll(() => face.first().evaluate((one: HTMLImageElement) => one.naturalWidth)).toBeGreaterThan(0);

  await page.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.getByLabel("JSON, one list").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Export" }).click(),
  ]);
  await expect(dialog.getByText(/^Exported/)).toBeVisible();
  const exported = JSON.parse(readFileSync(await download.path(), "utf8")) as { id: string; status: string }[];
  expect(exported.map(({ id }) => id).toSorted()).toEqual(
    (await alertsOf(admin, "new")).map(({ id }) => id).toSorted(),
  );
  await page.keyboard.press("Escape");

  await page.keyboard.press("j");
  await expect(page).toHaveURL(/alert=/);
  const chosen = new URL(page.url()).searchParams.get("alert");
  const detail = detailOf(page);
  await expect(detail.getByRole("img", { name: "The face that was seen" })).toBeVisible();
  await expect(detail.getByText(/strangers would look as much like/)).toBeVisible();
  await axe();
  await page.keyboard.press("c");
  await page.keyboard.type("Called the guard at gate 2.");
  await page.keyboard.press("Control+Enter");
  await expect(detail.getByText("operator commented")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("m");
  await expect(detail.getByText("operator assigned it to operator")).toBeVisible();
  await page.keyboard.press("a");
  await expect(detail.getByText("operator acknowledged it")).toBeVisible();
  await expect(page.locator(`[data-alert="${chosen}"]`)).toHaveCount(0);
  await page.keyboard.press("r");
  await expect(page.getByRole("dialog", { name: "How did it turn out?" })).toBeVisible();
  await axe();
  await page.keyboard.press("t");
  await expect(page.getByText("Resolved: True match")).toBeVisible();
  await expect(page).not.toHaveURL(new RegExp(`alert=${chosen}`));
});

test("what was resolved stands in the history, and is taken up again", async ({ page, signIn }) => {
  await signIn("operator");
  await page.goto(`/alerts?camera=${camera}&status=resolved`);
  await expect(page.getByRole("listitem").filter({ hasText: "True match" })).toHaveCount(1);
  await cardsOf(page).first().click();
  const detail = detailOf(page);
  await expect(detail.getByText("operator resolved it: True match")).toBeVisible();
  await expect(detail.getByText("Called the guard at gate 2.")).toBeVisible();
  await detail.getByRole("button", { name: "Reopen" }).click();
  await expect(detail.getByText("operator reopened it")).toBeVisible();
  await page.reload();
  await expect(detail.getByText("Acknowledged", { exact: true })).toBeVisible();
  await expect(page.getByText("No alert fits these filters")).toBeVisible();
});

test("whoever comes second hears who was faster, for one and for several", async ({ page, signIn, api }) => {
  const admin = await api();
  await withoutEvents(page);
  await signIn("operator");
  await page.goto(`/alerts?camera=${camera}`);
  await cardsOf(page).first().click();
  const detail = detailOf(page);
  await expect(detail.getByRole("button", { name: "Acknowledge" })).toBeVisible();
  const first = new URL(page.url()).searchParams.get("alert");
  await admin.post(`/v1/alerts/${first}/acknowledge`);
  await page.keyboard.press("a");
  await expect(page.getByText("admin was faster and has acknowledged it already")).toBeVisible();
  await expect(detail.getByText("admin acknowledged it")).toBeVisible();

  const left = await alertsOf(admin, "new");
  await page.getByRole("checkbox", { name: "Select all that are loaded" }).click();
  await expect(page.getByText(`${left.length} selected`)).toBeVisible();
  await admin.post(`/v1/alerts/${left[0]?.id}/acknowledge`);
  await page.getByRole("toolbar").getByRole("button", { name: "Acknowledge" }).click();
  const outcome = page.getByRole("dialog", { name: "1 alert was left as it was" });
  await expect(outcome.getByText("Somebody else was faster")).toHaveCount(1);
  await expect(outcome.getByText("Done", { exact: true })).toHaveCount(left.length - 1);
  await outcome.getByRole("button", { name: "Close" }).first().click();
  await page.goto(`/alerts?camera=${camera}&status=acknowledged`);
  await expect(page.getByRole("tab", { name: /^Acknowledged/ })).toContainText(String(left.length + 2));
  await page.getByRole("checkbox", { name: "Select all that are loaded" }).click();
  await page.keyboard.press("r");
  await page.getByLabel("Comment (optional)").fill("Training");
  await page.getByRole("button", { name: /^Test/ }).click();
  await expect(page.getByText(`${left.length + 2} alerts resolved`)).toBeVisible();
  await page.reload();
  await expect(page.getByRole("tab", { name: /^Resolved/ })).toContainText(String(left.length + 2));
});

test("on a phone the queue leads to the alert and back", async ({ page, signIn, axe }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn("operator");
  await page.goto(`/alerts?camera=${camera}&status=all`);
  await expect(cardsOf(page).first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await cardsOf(page).first().click();
  await expect(page).toHaveURL(/\/alerts\/[\w-]+\?/);
  await expect(page.getByRole("heading", { name: "History" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await axe();
  await page.getByRole("link", { name: "All alerts" }).click();
  await expect(page).toHaveURL(`/alerts?camera=${camera}&status=all`);
  await page.goto("/alerts/01a2064b-14f0-7773-8508-000000000000");
  await expect(page.getByText("This alert is not there")).toBeVisible();
});

test("a viewer looks on", async ({ page, signIn }) => {
  await signIn("viewer");
  await page.goto(`/alerts?camera=${camera}&status=resolved`);
  await cardsOf(page).first().click();
  await expect(detailOf(page).getByRole("heading", { name: "History" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Reopen" })).toHaveCount(0);
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await expect(page.getByLabel("Comment")).toHaveCount(0);
});
