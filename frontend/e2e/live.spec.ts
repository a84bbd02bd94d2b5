import type { Page } from "@playwright/test";

import { expect, test } from "./fixtures";

interface Camera {
  id: string;
}

/** Where the picture of a tile stands, as the page says it: waiting, live or old. */
const picture = (page: Page, name: string) =>
  page.locator("[data-live]").filter({ has: page.getByRole("img", { name: `Live picture of ${name}` }) });

const tiles = (page: Page) => page.getByRole("button", { name: /^Move / });

test("a wall is arranged, kept as a layout, and there again after a reload", async ({
  page,
  signIn,
  api,
  unique,
  axe,
}) => {
  const admin = await api();
  const [stage] = ((await (await admin.get("/v1/cameras?q=Hall&limit=1")).json()) as { items: Camera[] }).items;
  const names = [unique("Wall north"), unique("Wall south")];
  const made: Camera[] = [];
  for (const name of names) {
    const body = { name, stream_url: "rtsp://127.0.0.1:9/none", detection_enabled: false };
    made.push((await (await admin.post("/v1/cameras", { data: body })).json()) as Camera);
  }
  await signIn("operator");
  const chosen = [stage, ...made].map((one) => `camera=${one?.id}`).join("&");
  await page.goto(`/live?${chosen}`);
  await expect(tiles(page)).toHaveCount(3);
  await expect(picture(page, "Hall")).toHaveAttribute("data-live", "live", { timeout: 15_000 });
  await expect(page.getByText("Not watched").first()).toBeVisible();

  // Without a mouse: lifted, moved and dropped by keys.
  await page.getByRole("button", { name: "Move Hall" }).focus();
  await page.keyboard.press("Space");
  await expect(page.getByText("Hall lifted, position 1 of 3.")).toBeAttached();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByText("Hall at position 2 of 3.")).toBeAttached();
  await page.keyboard.press("Space");
  await expect(tiles(page).nth(1)).toHaveAccessibleName("Move Hall");

  await page.getByRole("button", { name: "Mark faces" }).click();
  await page.getByRole("combobox", { name: "Columns" }).click();
  await page.getByRole("option", { name: "3", exact: true }).click();
  const layout = unique("Night");
  await page.getByRole("button", { name: "Layouts" }).click();
  await page.getByRole("menuitem", { name: "Save as…" }).click();
  await page.getByLabel("Name", { exact: true }).fill(layout);
  await page.getByRole("button", { name: "Save", exact: true }).dblclick();
  await expect(page.getByRole("button", { name: layout })).toBeVisible();

  await page.goto("/live");
  await page.getByRole("button", { name: "Layouts" }).click();
  await page.getByRole("menuitemradio", { name: layout }).click();
  await expect(tiles(page)).toHaveCount(3);
  await expect(tiles(page).nth(1)).toHaveAccessibleName("Move Hall");
  await page.reload();
  await expect(page.getByRole("button", { name: layout })).toBeVisible();
  await expect(tiles(page).nth(1)).toHaveAccessibleName("Move Hall");
  await expect(page.getByRole("button", { name: "Mark faces" })).toHaveAttribute("aria-pressed", "true");
  await axe();

  await page.getByRole("searchbox", { name: "Filter by name or place" }).fill("Wall");
  await expect(tiles(page)).toHaveCount(2);
  await page.getByRole("link", { name: names[0] }).click();
  await expect(page).toHaveURL(new RegExp(`/cameras/${made[0]?.id}`));

  await page.goBack();
  await page.getByRole("button", { name: layout }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("button", { name: "Layouts" })).toBeVisible();
  for (const { id } of made) await admin.delete(`/v1/cameras/${id}`);
});

test("who is in view is marked with name, similarity and quality where the best shot was taken", async ({
  page,
  signIn,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn("viewer");
  await page.goto("/live?overlay=true&q=Hall");
  const tile = picture(page, "Hall");
  await expect(tile).toHaveAttribute("data-live", "live", { timeout: 15_000 });
  await expect(
    tile
      .getByText(/^quality \d/)
      .or(tile.getByText(/· quality \d/))
      .first(),
  ).toBeVisible({ timeout: 30_000 }); // the guest stands before the camera half of the time
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test("pictures are fetched while the page is looked at, and no more", async ({ page, signIn }) => {
  await signIn("viewer");
  await page.goto("/live?q=Hall");
  await expect(picture(page, "Hall")).toHaveAttribute("data-live", "live", { timeout: 15_000 });
  let asked = 0;
  page.on("request", (request) => (asked += request.url().includes("/snapshot") ? 1 : 0));
  await page.waitForTimeout(3_200);
  expect(asked).toBeGreaterThanOrEqual(1);
  expect(asked).toBeLessThanOrEqual(5);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  asked = 0;
  await page.waitForTimeout(2_000);
  expect(asked).toBe(0);
});
