import { readFileSync } from "node:fs";

import { expect, test } from "./fixtures";

test("an auditor filters the log, opens an entry and checks the chain", async ({ page, signIn, axe }) => {
  await signIn("auditor");
  await page.goto("/settings/audit?action=LOGIN");
  const entry = page.getByRole("button", { name: /LOGIN/ }).first();
  await expect(entry).toBeVisible();
  await axe();
  await entry.click();
  await expect(page.getByRole("dialog").getByText("Place in the chain")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("combobox", { name: "User" }).click();
  await page.keyboard.type("adm");
  await page.getByRole("option", { name: "admin" }).click();
  await expect(page).toHaveURL(/user_id=/);
  const userId = new URL(page.url()).searchParams.get("user_id");
  await page.getByLabel("Action").fill("insert, export");
  await expect(page).toHaveURL(/EXPORT/);
  await page.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.getByLabel("JSON, one list").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Export" }).click(),
  ]);
  const exported = JSON.parse(readFileSync(await download.path(), "utf8")) as { user_id: string; action: string }[];
  expect(new Set(exported.map(({ user_id }) => user_id))).toEqual(new Set([userId]));
  expect(exported.map(({ action }) => action)).toContain("INSERT");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Check the chain" }).click();
  await expect(page.getByText("The chain is whole")).toBeVisible({ timeout: 30_000 });
});

test("a receipt that is none is refused", async ({ page, signIn, axe }) => {
  await signIn("auditor");
  await page.goto("/settings/erasures");
  await page.getByLabel("Or paste the receipt here").fill("abc.def.ghi");
  await page.getByRole("button", { name: "Verify", exact: true }).click();
  await expect(page.getByText("Not a receipt of this installation, or changed.")).toBeVisible();
  await axe();
});
