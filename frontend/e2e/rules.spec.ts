import { createECDH, randomBytes } from "node:crypto";

import { expect, test } from "./fixtures";

const PHONE = { width: 390, height: 844 };

test("a rule is written, tried on the past, switched on, snoozed, duplicated and deleted", async ({
  page,
  signIn,
  unique,
  axe,
}) => {
  const name = unique("Strangers");
  await signIn("operator");
  await page.goto("/alerts/rules");
  await page.getByRole("button", { name: "New rule" }).first().click();
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByText("Give it a name.")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("combobox", { name: "About" }).click();
  await page.getByRole("option", { name: "Unknown people" }).click();
  await page.getByRole("switch", { name: "Only on certain days and hours" }).click();
  await expect(page.getByRole("region", { name: "The rule in words" })).toContainText(
    "When an unknown person is seen at any camera, Mon–Sun 22:00–06:00",
  );
  await page.getByRole("button", { name: "Save rule" }).click();
  await page.getByRole("button", { name: "Try it on the last week" }).click();
  await expect(page.getByText(/It would have fired [\d,]+ times? in the last 7 days/)).toBeVisible();
  await axe();
  await page.getByRole("button", { name: "Save rule" }).click();
  const row = page.getByRole("list", { name: "Alert rules" }).getByRole("listitem").filter({ hasText: name });
  await expect(row).toContainText("Mon–Sun");

  await row.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Snooze…" }).click();
  await page.getByRole("button", { name: "For an hour" }).click();
  await expect(row).toContainText("Silent until");
  await page.reload();
  await expect(row).toContainText("Silent until");
  await row.getByRole("switch").click();
  await expect(row.getByRole("switch")).not.toBeChecked();
  await expect(row.getByRole("switch")).toBeEnabled();
  await page.reload();
  await expect(row.getByRole("switch")).not.toBeChecked();
  await axe();

  await row.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
});

test("a change of somebody else is not overwritten unseen", async ({ page, signIn, api, unique }) => {
  const admin = await api("admin");
  const name = unique("Both");
  const made = (await (
    await admin.post("/v1/alerts/rules", { data: { name, unknown_person: true, is_active: false } })
  ).json()) as { id: string };
  await signIn("operator");
  await page.setViewportSize(PHONE);
  await page.goto(`/alerts/rules?edit=${made.id}`);
  await page.getByLabel("Name", { exact: true }).fill(`${name} mine`);
  await admin.put(`/v1/alerts/rules/${made.id}`, {
    data: { name: `${name} theirs`, unknown_person: true, is_active: false },
    headers: { "If-Match": "*" },
  });
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByText("Somebody else changed this meanwhile")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(`${name} mine`);
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page).toHaveURL(/rules$/);
  await page.reload();
  await expect(page.getByRole("list", { name: "Alert rules" }).getByText(`${name} mine`)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
  await admin.delete(`/v1/alerts/rules/${made.id}`);
});

test("a channel keeps its secret, tells the truth when it is tested, and waits while it is paused", async ({
  page,
  signIn,
  unique,
  axe,
}) => {
  const name = unique("Program");
  await signIn("admin");
  await page.goto("/alerts/channels");
  await page.getByRole("button", { name: "New channel" }).first().click();
  await page.getByRole("button", { name: /^Webhook/ }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Address").fill("https://hooks.invalid/sightline");
  await page.getByLabel(/Secret for the signature/).fill("a secret of many letters");
  await page.getByRole("switch", { name: "Send the picture too" }).click();
  await expect(page.getByRole("alert")).toContainText("audit log");
  await page.getByRole("switch", { name: "Send the picture too" }).click();
  await axe();
  await page.getByRole("button", { name: "Save" }).click();
  const row = page.getByRole("list", { name: "Notifications" }).getByRole("listitem").filter({ hasText: name });
  await row.getByRole("button", { name: "Test" }).click();
  await expect(row.getByText("It was not delivered.")).toBeVisible({ timeout: 15_000 });
  await row.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  await expect(row).toContainText("Paused");
  await page.reload();
  await expect(row).toContainText("Paused");
  await axe();

  await row.getByRole("button", { name }).first().click();
  await expect(page.getByLabel(/Secret for the signature/)).toHaveAttribute("placeholder", "kept");
  await expect(page.getByLabel(/Secret for the signature/)).toHaveValue("");
  await page.getByRole("button", { name: "Save" }).click();
  await row.getByRole("button", { name: "Deliveries" }).click();
  const deliveries = page.getByRole("dialog");
  await expect(deliveries.getByText("Test", { exact: true }).first()).toBeVisible();
  await expect(deliveries.getByRole("button", { name: "Send again" })).toHaveCount(0); // of alerts only
  await expect(page).toHaveTitle(/Notifications · Sightline$/);
  await page.keyboard.press("Escape");
  await row.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
});

test("an escalation policy is written, and a browser is told of alerts", async ({ page, context, signIn, unique }) => {
  const name = unique("Gate");
  const browser = createECDH("prime256v1");
  browser.generateKeys();
  const given = {
    endpoint: `https://push.example.com/send/${randomBytes(8).toString("hex")}`,
    keys: { p256dh: browser.getPublicKey("base64url"), auth: randomBytes(16).toString("base64url") },
  };
  // The push services of browser makers are out of reach of tests: what they would give is given here.
  await context.addInitScript((made) => {
    const there = () => sessionStorage.getItem("test.push") === "1";
    const subscription = {
      toJSON: () => made,
      unsubscribe: async () => {
        sessionStorage.removeItem("test.push");
        return true;
      },
    };
    Notification.requestPermission = async () => "granted";
    Object.defineProperty(Notification, "permission", { get: () => "granted" });
    PushManager.prototype.getSubscription = async () => (there() ? subscription : null) as PushSubscription | null;
    PushManager.prototype.subscribe = async () => {
      sessionStorage.setItem("test.push", "1");
      return subscription as unknown as PushSubscription;
    };
  }, given);
  await signIn("admin");
  await page.goto("/alerts/channels?tab=escalation");
  await page.getByRole("button", { name: "New policy" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Add step" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.reload();
  const policy = page.getByRole("list", { name: "Escalation" }).getByRole("listitem").filter({ hasText: name }).first();
  await expect(policy).toContainText("Step 2 tells nobody.");
  await policy.getByRole("button", { name: `Delete ${name}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(policy).toHaveCount(0);

  await page.getByRole("tab", { name: "This browser" }).click();
  await page.getByLabel("Name of this browser").fill(name);
  await page.getByRole("button", { name: "Tell me here" }).click();
  await expect(page.getByText("This browser is told of alerts.")).toBeVisible();
  await page.reload();
  await expect(page.getByText("This browser is told of alerts.")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: name })).toContainText("push.example.com");
  await page.getByRole("button", { name: "Do not tell me here" }).click();
  await expect(page.getByRole("button", { name: "Tell me here" })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: name })).toHaveCount(0);
});
