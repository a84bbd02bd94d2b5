import { expect, test } from "./fixtures";

test("somebody logs in by the form, comes where the link led, and logs out", async ({ page, house, axe }) => {
  await page.goto("/cameras?q=hall");
  await expect(page).toHaveURL(/\/login\?next=/);
  await axe();
  await page.getByLabel("User name or e-mail").fill(house.accounts.operator.username);
  await page.getByLabel("Password").fill("not the right one");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toHaveText("Name or password is not right.");
  await page.getByLabel("Password").fill(house.accounts.operator.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page).toHaveURL(/\/cameras\?q=hall$/);
  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto("/cameras");
  await expect(page).toHaveURL(/\/login/);
});

test("what a role may not do is not shown", async ({ page, signIn }) => {
  await signIn("auditor");
  await page.goto("/");
  const navigation = page.getByRole("navigation", { name: "Main navigation" });
  await expect(navigation.getByRole("link", { name: "Cameras" })).toBeVisible();
  await expect(navigation.getByRole("link", { name: "Sightings" })).toHaveCount(0);
  await expect(navigation.getByRole("link", { name: "Users" })).toHaveCount(0);
});

test("everything is reached by keyboard: palette, pages, help", async ({ page, signIn }) => {
  await signIn("operator");
  await page.goto("/subjects");
  await page.getByRole("main").focus();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Page, camera or person…").fill("watch");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/watchlists/);
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await expect(page).toHaveURL(/\/cameras/);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("from right to left", async ({ page, signIn, language, axe }) => {
  await language("ar");
  await signIn("operator");
  await page.goto("/nowhere");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await expect(page.getByRole("heading", { level: 1, name: "الصفحة غير موجودة" })).toBeVisible();
  await axe();
});
