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
