import type { BrowserContext, Page } from "@playwright/test";

import { expect, test } from "./fixtures";
import { startHouse, type House } from "./house";

// A product of its own: its API is killed.
test.describe.configure({ mode: "serial", timeout: 180_000 });

let own: Awaited<ReturnType<typeof startHouse>>;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  own = await startHouse("--empty");
});
test.afterAll(async () => {
  await own.stop();
});

async function logIn(context: BrowserContext, { url, accounts }: House): Promise<void> {
  const { username, password } = accounts.admin;
  const answer = await context.request.post(`${url}/v1/auth/login`, {
    data: { username, password, transport: "cookie" },
    headers: { Origin: url },
  });
  expect(answer.ok()).toBe(true);
}

const groups = (page: Page) => page.getByRole("dialog", { name: "Groups" });

test("the API dies and comes back: nothing typed is lost, lists and pictures go on", async ({ browser }) => {
  const { url, stream } = own.house;
  const context = await browser.newContext({ baseURL: url });
  await logIn(context, own.house);
  const add = async (name: string, stream_url: string) => {
    const data = { name, stream_url, username: stream.username, password: stream.password };
    expect((await context.request.post("/v1/cameras", { data, headers: { Origin: url } })).status()).toBe(201);
  };
  await add("Hall", stream.url);
  const wall = await context.newPage();
  await wall.goto("/live");
  const picture = wall.locator("[data-live]").first();
  await expect(picture).toHaveAttribute("data-live", "live", { timeout: 90_000 });
  const page = await context.newPage();
  await page.goto("/cameras?dialog=groups");
  await groups(page).getByLabel("New group").fill("Upstairs");

  own.kill("api");
  await expect(page.getByText("The connection was lost")).toBeVisible();
  await expect(groups(page).getByLabel("New group")).toHaveValue("Upstairs");
  await expect(picture).toHaveAttribute("data-live", "old");

  await expect(page.getByText("The connection was lost")).toHaveCount(0, { timeout: 60_000 });
  await groups(page).getByRole("button", { name: "Add" }).click();
  await expect(groups(page).getByRole("button", { name: "Rename Upstairs" })).toBeVisible();
  await page.keyboard.press("Escape");
  await add("Yard", "rtsp://127.0.0.1:9/none");
  await expect(page.getByRole("row", { name: /Yard/ })).toBeVisible(); // by an event
  await expect(wall.getByText("Yard").first()).toBeVisible();
  await expect(picture).toHaveAttribute("data-live", "live");
  await context.close();
});

test("without a network: what fails says so and is kept, a start waits, and all goes on by itself", async ({
  browser,
}) => {
  const context = await browser.newContext({ baseURL: own.house.url });
  await logIn(context, own.house);
  const page = await context.newPage();
  await page.goto("/cameras?dialog=groups");
  await groups(page).getByLabel("New group").fill("Downstairs");
  const late = await context.newPage();
  await late.goto("/watchlists");
  await expect(late.getByRole("heading", { level: 1, name: "Watchlists" })).toBeVisible();
  await late.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!(await caches.match("/"))) await new Promise((resolve) => setTimeout(resolve, 50));
  });

  await context.setOffline(true);
  await groups(page).getByRole("button", { name: "Add" }).click();
  await expect(page.getByText("The server cannot be reached")).toBeVisible();
  await expect(groups(page).getByLabel("New group")).toHaveValue("Downstairs");
  await expect(page.getByText("You are offline")).toBeVisible();
  await late.goto("/subjects");
  await expect(late.getByRole("heading", { name: "The server cannot be reached" })).toBeVisible();

  await context.setOffline(false);
  await expect(late.getByRole("heading", { level: 1, name: "Subjects" })).toBeVisible();
  await expect(page.getByText("You are offline")).toHaveCount(0);
  await groups(page).getByRole("button", { name: "Add" }).click();
  await expect(groups(page).getByRole("button", { name: "Rename Downstairs" })).toBeVisible();
  await context.close();
});

test("a page whose script is gone after an update is loaded anew, where it was going", async ({ browser }) => {
  const context = await browser.newContext({ baseURL: own.house.url, serviceWorkers: "block" });
  await logIn(context, own.house);
  const page = await context.newPage();
  await page.goto("/cameras");
  await expect(page.getByRole("row", { name: /Hall/ })).toBeVisible();
  await page.route(/WatchlistsPage/, (route) => route.fulfill({ status: 404 }), { times: 1 });
  await page.getByRole("link", { name: "Watchlists" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Watchlists" })).toBeVisible();
  await expect(page).toHaveURL(/\/watchlists$/);
  await context.close();
});

interface Message {
  origin: string;
  registrationId: string;
  data: string;
}

/** As a push service would, without any. */
async function push(page: Page, origin: string, told: object): Promise<void> {
  const line = await page.context().newCDPSession(page);
  const found = new Promise<string>((resolve) => {
    line.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const [first] = registrations.filter(({ scopeURL }) => scopeURL.startsWith(origin));
      if (first) resolve(first.registrationId);
    });
  });
  await line.send("ServiceWorker.enable");
  const message: Message = { origin, registrationId: await found, data: JSON.stringify(told) };
  await line.send("ServiceWorker.deliverPushMessage", message);
}

/** In the service worker: what the system does when somebody clicks the notification. */
const CLICK = `registration.getNotifications().then(([notification]) => {
  dispatchEvent(new NotificationEvent("notificationclick", { notification }));
})`;

test("an alert that is pushed is told without a picture, and leads to it", async ({ browser }) => {
  const { url } = own.house;
  const context = await browser.newContext({ baseURL: url });
  await context.grantPermissions(["notifications"], { origin: url });
  await logIn(context, own.house);
  const page = await context.newPage();
  await page.goto("/cameras");
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await push(page, url, { title: "Grace Hopper seen", body: "Hall", link: "/alerts?status=all", id: "a1" });
  const shown = () =>
    page.evaluate(async () => {
      const [one] = await (await navigator.serviceWorker.ready).getNotifications();
      return one && { title: one.title, body: one.body, hasPicture: "image" in one && one.image !== "" };
    });
  await expect.poll(shown).toEqual({ title: "Grace Hopper seen", body: "Hall", hasPicture: false });
  const [worker] = context.serviceWorkers();
  await worker?.evaluate(CLICK);
  await expect(page).toHaveURL(/\/alerts\?status=all$/);
  await context.close();
});
