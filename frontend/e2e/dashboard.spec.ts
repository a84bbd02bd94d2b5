import { expect, test } from "./fixtures";

test("the dashboard counts, draws the day and says how busy the machine is", async ({ page, signIn, axe }) => {
  await signIn("admin");
  await page.goto("/dashboard");
  await expect(page.getByRole("link", { name: "Sightings today" })).toBeVisible();
  await expect(page.getByRole("region", { name: "System" }).getByText("Disk", { exact: true })).toBeVisible();
  await expect(page.getByRole("table", { name: /Sightings per hour/ })).toBeAttached();
  await expect(page.getByRole("region", { name: "Recent sightings" }).getByRole("listitem").first()).toBeVisible();
  await axe();
});

test("a camera that fails is shown without a reload, and first", async ({ page, signIn, api, unique }) => {
  const admin = await api();
  await signIn("admin");
  await page.goto("/dashboard");
  const cameras = page.getByRole("region", { name: "Cameras" });
  await expect(cameras.getByRole("listitem").first()).toBeVisible();
  const name = unique("Broken");
  const body = { name, stream_url: "rtsp://127.0.0.1:9/none" };
  const made = (await (await admin.post("/v1/cameras", { data: body })).json()) as { id: string };
  const row = cameras.getByRole("listitem").filter({ hasText: name });
  await expect(row).toContainText(/cannot be reached/, { timeout: 30_000 });
  await page.reload();
  await row.getByRole("link", { name }).click();
  await expect(page).toHaveURL(new RegExp(`/cameras/${made.id}`));
  await admin.delete(`/v1/cameras/${made.id}`);
});

test("a viewer sees what a viewer may, on a phone", async ({ page, signIn, axe }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn("viewer");
  await page.goto("/dashboard");
  await expect(page.getByRole("region", { name: "Recent alerts" })).toBeVisible();
  await expect(page.getByRole("region", { name: "System" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Add a camera" })).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await axe();
});
