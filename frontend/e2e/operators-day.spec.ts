import { readFileSync } from "node:fs";

import { expect, test } from "./fixtures";
import { startHouse, type House } from "./house";

const PASSWORD = "lanterns over the quiet bay";

let own: { house: House; stop: () => Promise<void> };

// A system of its own, as after installing: nobody has logged in yet.
test.describe.configure({ mode: "serial", timeout: 240_000 });
test.beforeAll(async () => {
  test.setTimeout(240_000);
  own = await startHouse("--first-run");
});
test.afterAll(async () => {
  await own.stop();
});

test("from the first login to the closed alert, and until the person is erased", async ({ browser }) => {
  const { url, initial, stream, portrait } = own.house;
  if (!initial) throw new Error("a first run has an initial password");
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();

  await test.step("log in and choose a password", async () => {
    await page.goto("/");
    await page.getByLabel("User name or e-mail").fill(initial.username);
    await page.getByLabel("Password").fill(initial.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByLabel("Current password").fill(initial.password);
    await page.getByLabel("New password", { exact: true }).fill(PASSWORD);
    await page.getByLabel("New password again").fill(PASSWORD);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("heading", { name: "Getting started" })).toBeVisible();
  });

  await test.step("add a camera and black out a corner", async () => {
    await page.getByRole("link", { name: /Add a camera/ }).click();
    const dialog = page.getByRole("dialog", { name: "Add camera" });
    await dialog.getByLabel("Stream address").fill(stream.url);
    await dialog.getByLabel("User name of the camera").fill(stream.username);
    await dialog.getByLabel("Password of the camera").fill(stream.password);
    await dialog.getByRole("button", { name: "Try the address" }).click();
    await expect(dialog.getByRole("status")).toContainText("It works");
    await expect(dialog.getByRole("img", { name: "What the camera sees" })).toBeVisible();
    await dialog.getByRole("button", { name: "Next" }).click();
    await dialog.getByLabel("Name", { exact: true }).fill("Hall");
    await dialog.getByRole("button", { name: "Add camera" }).click();
    await page.getByRole("tab", { name: "Configuration" }).click();
    const masks = page.getByRole("group", { name: "Privacy masks" });
    await masks.getByRole("button", { name: "Draw an area" }).click();
    const surface = masks.locator("svg").last();
    for (const position of [
      { x: 2, y: 2 },
      { x: 40, y: 2 },
      { x: 2, y: 30 },
    ])
      await surface.click({ position });
    await masks.getByRole("button", { name: "Close the area" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Saved")).toBeVisible();
  });

  await test.step("say on which list people are, and enrol the first one", async () => {
    await page.goto("/watchlists");
    await page.getByRole("button", { name: "Add watchlist" }).first().click();
    const list = page.getByRole("dialog", { name: "Add watchlist" });
    await list.getByLabel("Name").fill("Guests");
    await list.getByLabel("Legal basis").fill("Consent");
    await list.getByLabel("Approved by").fill("Dana Approver");
    await list.getByRole("button", { name: "Create watchlist" }).click();
    await expect(list).toBeHidden();
    await page.goto("/subjects");
    await page.getByRole("button", { name: "Add person" }).first().click();
    const form = page.getByRole("dialog", { name: "Add person" });
    await form.getByLabel("Name", { exact: true }).fill("Grace Hopper");
    await form.getByRole("combobox", { name: "Watchlist" }).click();
    await page.getByRole("option", { name: /Guests/ }).click();
    await form.getByRole("button", { name: /Add and go on/ }).click();
    const pictures = page.getByRole("dialog", { name: "Pictures of Grace Hopper" });
    await pictures.locator("input[type=file]").setInputFiles(portrait);
    await expect(pictures.getByText("Enrolled", { exact: true })).toBeVisible({ timeout: 30_000 });
    await pictures.getByRole("button", { name: "Done" }).click();
  });

  await test.step("see her by herself, and handle the alert by keys alone", async () => {
    await page.goto("/onboarding");
    await expect(page.getByText("Everything works: people are recognised.")).toBeVisible({ timeout: 60_000 });
    await page.goto("/alerts");
    await expect(page.locator("[data-alert]").first()).toBeVisible({ timeout: 30_000 });
    await page.keyboard.press("j");
    const detail = page.getByRole("region", { name: "The chosen alert" });
    await expect(detail.getByRole("img", { name: "The face that was seen" })).toBeVisible();
    await page.keyboard.press("a");
    await expect(detail.getByText(/admin acknowledged/)).toBeVisible();
    await page.keyboard.press("r");
    await page.keyboard.press("t");
    await expect(page.getByRole("tab", { name: "Resolved 1" })).toBeVisible();
  });

  await test.step("confirm the sighting, export, and erase the person", async () => {
    await page.goto("/sightings?known=true");
    await page.locator("[data-sighting]").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("region", { name: "The chosen sighting" })).toBeVisible();
    await page.keyboard.press("c");
    await expect(page.getByText(/confirmed/i).first()).toBeVisible();
    await page.goto("/sightings?known=true");
    await page.getByRole("button", { name: "Export" }).click();
    const dialog = page.getByRole("dialog", { name: "Export" });
    const download = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Export" }).click();
    expect(readFileSync(await (await download).path(), "utf8")).toContain("Grace Hopper");
    await page.goto("/subjects");
    await page.getByRole("link", { name: "Grace Hopper" }).click();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Erase…" }).click();
    const asked = page.getByRole("alertdialog");
    await asked.getByLabel("Grace Hopper").fill("Grace Hopper");
    await asked.getByRole("button", { name: "Erase for good" }).click();
    const receipt = page.getByRole("dialog", { name: "Receipt of an erasure" });
    await expect(receipt.getByText("Completed")).toBeVisible({ timeout: 60_000 });
    await page.goto("/subjects");
    await expect(page.getByRole("link", { name: "Grace Hopper" })).toHaveCount(0);
    await page.goto("/sightings?known=true");
    await expect(page.locator("[data-sighting]")).toHaveCount(0);
  });
  await context.close();
});
