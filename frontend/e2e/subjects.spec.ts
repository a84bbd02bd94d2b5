import { readFileSync } from "node:fs";

import { expect, test } from "./fixtures";

test("somebody is added with a picture, found again, and deactivated", async ({
  page,
  house,
  signIn,
  unique,
  api,
  axe,
  expectComplaint,
}) => {
  const name = unique("Grace");
  await signIn("admin");
  await page.goto("/subjects");
  await page.getByRole("button", { name: "Add person" }).click();
  const form = page.getByRole("dialog", { name: "Add person" });
  await form.getByLabel("Name", { exact: true }).fill(name);
  await form.getByLabel("Notes").fill("Came by ship.");
  await form.getByRole("button", { name: /Add and go on/ }).dblclick();
  const pictures = page.getByRole("dialog", { name: `Pictures of ${name}` });
  expectComplaint(/4(09|22)/);
  await pictures.locator("input[type=file]").setInputFiles([
    { name: "nobody.png", mimeType: "image/png", buffer: Buffer.from(BLANK, "base64") },
    { name: "grace.jpg", mimeType: "image/jpeg", buffer: readFileSync(house.portrait) },
  ]);
  await expect(pictures.getByText("Not enrolled").first()).toBeVisible({ timeout: 30_000 });
  const row = pictures.getByRole("listitem").filter({ hasText: "grace.jpg" });
  await expect(row.getByText(/^(Enrolled|Not enrolled)$/)).toBeVisible({ timeout: 30_000 });
  const again = row.getByRole("button", { name: "Enrol all the same" }); // another test may have enrolled her
  if (await again.isVisible()) await again.click();
  await expect(row.getByText("Enrolled", { exact: true })).toBeVisible({ timeout: 30_000 });
  await pictures.getByRole("button", { name: "Done" }).click();

  await page.getByLabel("Search by name or number").fill(name);
  await expect(page.getByRole("article")).toHaveCount(1);
  await page.reload();
  await expect(page.getByRole("article")).toHaveCount(1);
  await axe();
  await page.getByLabel(`Select ${name}`).click();
  await page.getByRole("button", { name: "Deactivate" }).click();
  await expect(page.getByRole("article")).toContainText("Inactive");
  const admin = await api();
  const found = await admin.get("/v1/subjects", { params: { q: name } });
  for (const { id } of ((await found.json()) as { items: { id: string }[] }).items)
    await admin.delete(`/v1/subjects/${id}`);
});

test("somebody inactive is recognised again, and erased with a receipt", async ({ page, signIn, unique, api, axe }) => {
  const admin = await api();
  const name = unique("Grace");
  const given = { name, metadata: { notes: "Came by ship." }, status: "inactive" };
  const made = await admin.post("/v1/subjects", { data: given });
  const { id } = (await made.json()) as { id: string };
  await signIn("admin");
  await page.goto(`/subjects/${id}`);
  await expect(page.getByRole("heading", { name })).toBeVisible();
  await expect(page.getByText("Not recognised any more")).toBeVisible();
  await expect(page.getByText("Came by ship.")).toBeVisible();
  await axe();

  await page.getByRole("button", { name: "Edit" }).click();
  const edited = page.getByRole("dialog", { name: "Edit person" });
  await edited.getByLabel("Recognise this person").click();
  await edited.getByRole("button", { name: "Save" }).click();
  await expect(edited).toBeHidden();
  await page.reload();
  await expect(page.getByText("Not recognised any more")).toHaveCount(0);
  await page.getByRole("tab", { name: "Sightings" }).click();
  await expect(page.getByText("Not seen in this time")).toBeVisible();

  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Erase…" }).click();
  const asked = page.getByRole("alertdialog");
  await expect(asked.getByRole("button", { name: "Erase for good" })).toBeDisabled();
  await asked.getByLabel(name).fill(name);
  await asked.getByRole("button", { name: "Erase for good" }).click();
  const receipt = page.getByRole("dialog", { name: "Receipt of an erasure" });
  await expect(receipt.getByText("Completed")).toBeVisible({ timeout: 30_000 });
  await receipt.getByRole("button", { name: "Check signature" }).click();
  await expect(receipt.getByText("The signature is ours.")).toBeVisible();
  const file = page.waitForEvent("download");
  await receipt.getByRole("button", { name: "Download receipt" }).click();
  expect((await file).suggestedFilename()).toMatch(/\.jws$/);
  await receipt.getByRole("button", { name: "Close" }).first().click();
  await page.goto(`/subjects?q=${encodeURIComponent(name)}`);
  await expect(page.getByText("Nobody found")).toBeVisible();
});

test("a list is checked, imported, and the report says what was wrong; two entries are merged, and all that is held is handed out", async ({
  page,
  signIn,
  unique,
  api,
}) => {
  const one = unique("Ada");
  const other = unique("Lin");
  await signIn("admin");
  await page.goto("/subjects");
  await page.getByRole("button", { name: "Import" }).click();
  const dialog = page.getByRole("dialog", { name: "Import people" });
  const csv = `name,external_id,images\n${one},${one},\n${other},${other},\n${other},lost-${one},lost.jpg\n`;
  await dialog
    .locator("input[type=file]")
    .first()
    .setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await dialog
    .locator("input[type=file]")
    .nth(1)
    .setInputFiles({ name: "faces.zip", mimeType: "application/zip", buffer: Buffer.from(SMALL_ZIP, "base64") });
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(dialog.getByText("This would happen:")).toBeVisible({ timeout: 40_000 });
  await page.reload();
  await expect(dialog.getByText("This would happen:")).toBeVisible();
  await expect(dialog.getByText(/^With errors 1$/)).toBeVisible();
  await expect(dialog.getByText(/the archive holds no lost.jpg/)).toBeVisible();
  await dialog.getByRole("button", { name: "Import 2 people" }).click();
  await expect(dialog.getByText("This was done:")).toBeVisible({ timeout: 40_000 });
  await dialog.getByRole("button", { name: "Close" }).first().click();

  await page.getByLabel("Search by name or number").fill(one);
  await page.getByRole("link", { name: one }).click();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: /Merge with/ }).click();
  // The menu gives the focus back as it fades, which closes what is opened within those 0.1 s.
  await expect(page.getByRole("menu")).toHaveCount(0);
  const merge = page.getByRole("alertdialog");
  await merge.getByRole("combobox").click();
  await page.getByPlaceholder("Search").fill(other);
  await page.getByRole("option", { name: other }).click();
  await merge.getByRole("textbox", { name: other }).fill(other);
  await merge.getByRole("button", { name: "Merge for good" }).click();
  await expect(merge).toBeHidden();

  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: /Export everything held/ }).click();
  const held = page.getByRole("dialog", { name: `Everything held on ${one}` });
  await held.getByRole("textbox").fill("DSR-2026-117");
  await held.getByRole("button", { name: "Make the file" }).click();
  await expect(held.getByRole("button", { name: "Download" })).toBeVisible({ timeout: 40_000 });
  await held.getByRole("link", { name: "your jobs" }).click();
  await expect(page).toHaveURL(/settings\/jobs/);
  await page.reload(); // made in the background: it is still there
  const file = page.waitForEvent("download");
  await page
    .getByRole("link", { name: /Download/ })
    .first()
    .click();
  expect((await file).suggestedFilename()).toBe("access-export.zip");
  await page.goto(`/subjects?q=${encodeURIComponent(other)}`);
  await expect(page.getByText("Nobody found")).toBeVisible();
  const admin = await api();
  const found = await admin.get("/v1/subjects", { params: { q: one } });
  for (const { id } of ((await found.json()) as { items: { id: string }[] }).items)
    await admin.delete(`/v1/subjects/${id}`);
});

test("who may only read sees people on a phone and can change nothing", async ({ page, signIn, unique, api, axe }) => {
  const admin = await api();
  const name = unique("مها القحطاني");
  const made = await admin.post("/v1/subjects", { data: { name } });
  const { id } = (await made.json()) as { id: string };
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn("viewer");
  await page.goto(`/subjects?q=${encodeURIComponent(name)}`);
  await expect(page.getByRole("link", { name })).toBeVisible();
  await axe();
  await expect(page.getByRole("button", { name: "Add person" })).toHaveCount(0);
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await admin.delete(`/v1/subjects/${id}`);
});

/** A ZIP file of a.jpg, in which there is one byte. */
const SMALL_ZIP =
  "UEsDBBQAAAAAAAAAIVyDFtyMAQAAAAEAAAAFAAAAYS5qcGd4UEsBAhQDFAAAAAAAAAAhXIMW3IwBAAAAAQAAAAUAAAAAAAAAAAAAAIABAAAAAGEuanBnUEsFBgAAAAABAAEAMwAAACQAAAAAAA==";
/** A grey PNG of one pixel: nobody is in it. */
const BLANK = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";
