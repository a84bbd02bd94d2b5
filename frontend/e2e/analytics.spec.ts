import { readFileSync } from "node:fs";

import { expect, test } from "./fixtures";

test("numbers by hour, as picture and as table; a link keeps the view", async ({ page, signIn, axe }) => {
  await signIn("operator");
  await page.goto("/analytics");
  await page.getByRole("combobox", { name: "What is counted" }).click();
  await page.getByRole("option", { name: "Detected faces" }).click();
  await page.getByRole("button", { name: "Last 7 days" }).click();
  await page.getByRole("button", { name: "Last 24 hours" }).click();
  await expect(page).toHaveURL(/metric=detections.*preset=day|preset=day.*metric=detections/);
  await expect(page.getByRole("table", { name: "Detected faces over time" }).getByRole("row")).not.toHaveCount(1);
  await axe();
  await page.reload();
  await expect(page.getByRole("combobox", { name: "What is counted" })).toHaveText("Detected faces");
  await page.getByRole("tab", { name: "Heatmap" }).click();
  await expect(page.getByRole("table", { name: "Hours of the week" })).toBeVisible();
  await axe();
  await page.goBack();
  await expect(page.getByRole("tab", { name: "Trends" })).toHaveAttribute("aria-selected", "true");
});

test("cameras are compared, and accuracy says what it is no measure of", async ({ page, signIn, axe }) => {
  await signIn("operator");
  await page.goto("/analytics?tab=cameras");
  const table = page.getByRole("table", { name: "Cameras" });
  await expect(table.getByRole("row")).not.toHaveCount(1);
  await table.getByRole("button", { name: "Camera" }).click();
  await expect(page).toHaveURL(/sort=-?name/);
  await axe();
  await page.getByRole("tab", { name: "Accuracy" }).click();
  await expect(page.getByText(/Nobody has judged|no error rate of all matches/)).toBeVisible();
  await axe();
});

test("reports are made as PDF and for Excel, are there after a reload, and can be fetched", async ({
  page,
  signIn,
  axe,
  unique,
}) => {
  await signIn("operator");
  await page.goto("/analytics?tab=reports");
  const links = page.getByRole("list", { name: "Reports" }).getByRole("link", { name: "Download" });
  const list = page.getByRole("list", { name: "Reports" }).or(page.getByText("No report yet"));
  await expect(list).toBeVisible();
  const before = await links.count();
  for (const [index, format] of ["PDF", "Excel"].entries()) {
    await page.getByLabel("Title (optional)").fill(unique("Week"));
    await page.getByRole("combobox", { name: "Format" }).click();
    await page.getByRole("option", { name: format }).click();
    await page.getByRole("button", { name: "Create report" }).click();
    // No polling: the list follows the events of the job.
    await expect(links).toHaveCount(before + index + 1, { timeout: 30_000 });
  }
  await page.reload();
  await expect(links).toHaveCount(before + 2);
  for (const { place, name, begin } of [
    { place: 0, name: /\.xlsx$/, begin: "PK" },
    { place: 1, name: /\.pdf$/, begin: "%PDF-" },
  ]) {
    const download = page.waitForEvent("download");
    await links.nth(place).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(name);
    expect(readFileSync(await file.path(), "latin1").slice(0, begin.length)).toBe(begin);
  }
  await axe();
});

test("on a phone, from right to left, nothing is wider than the screen", async ({ page, signIn, language }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await language("ar");
  await signIn("viewer");
  await page.goto("/analytics?tab=heatmap");
  await expect(page.getByRole("table").first()).toBeVisible();
  expect(await page.locator("#main").evaluate((main) => main.scrollWidth - main.clientWidth)).toBe(0);
});
