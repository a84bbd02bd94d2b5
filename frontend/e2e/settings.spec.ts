import { expect, test } from "./fixtures";

test("an administrator changes a setting, is warned before leaving, and resets it", async ({ page, signIn, axe }) => {
  await signIn("admin");
  await page.goto("/settings/alerts");
  const pause = page.getByLabel("Pause between alerts (s)");
  await pause.fill("soon");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Enter a number within the limits.")).toBeVisible();
  await pause.fill("301");
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "General" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Changed by admin")).toBeVisible();
  await page.reload();
  await expect(pause).toHaveValue("301");
  await axe();
  await page.getByRole("button", { name: "Reset to default" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Reset to default" }).click();
  await expect(pause).toHaveValue("300");
});

test("a retention says what goes, also by default, and a threshold how often it will be wrong", async ({
  page,
  signIn,
}) => {
  await signIn("admin");
  await page.goto("/settings/retention");
  await page.getByLabel("Sightings and pictures (days)").fill("29");
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog.getByText("This will delete what is older than")).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Discard changes" }).click();
  await page.reload();
  const days = page.getByLabel("Sightings and pictures (days)");
  await expect(days).toHaveValue("30");

  await days.fill("31");
  await page.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("button", { name: "Save and delete" }).click();
  await page.getByRole("button", { name: "Reset to default" }).click();
  await expect(dialog.getByText("This will delete what is older than")).toBeVisible();
  await dialog.getByRole("button", { name: "Reset to default" }).click();
  await expect(days).toHaveValue("30");

  await page.goto("/settings/recognition");
  await expect(page.getByRole("heading", { name: "Expected false alarms" })).toBeVisible();
  await expect(page.getByText(/\d a day$|watched for a day|watched for less/).first()).toBeVisible();
});

test("somebody makes a key for a machine and deletes it", async ({ page, signIn, unique, axe }) => {
  const name = unique("gate");
  await signIn("operator");
  await page.goto("/settings/keys");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("combobox", { name: "Permissions" }).click();
  await page.getByRole("option", { name: /read cameras/i }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByRole("dialog").getByText(/^slk_/)).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();
  await page.reload();
  await page.getByRole("button", { name: `Delete ${name}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("button", { name: `Delete ${name}` })).toBeHidden();
  await axe();
});
