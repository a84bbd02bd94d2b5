// The page: asks the API, listens to its events, and draws. Everything from outside goes in as text, never as HTML.
import { alertRow, cameraRow, drawHour, isHere, sightingRow, text } from "/assets/rows.js";

const SHOWN = 100; // rows that stay on the page; older ones are a click away
const REFRESH_MS = 5000;
const byId = (id) => document.getElementById(id);
const state = { mayWatch: true, cameras: [], now: new Map(), sightings: new Map(), alerts: new Map(), next: null, paged: false };
let polling = null;
let events = null;

class Refused extends Error {}

async function ask(path) {
  const get = () => fetch(path, { headers: { Accept: "application/json" } });
  let answer = await get();
  if (answer.status === 401 && (await renewed())) answer = await get();
  if (answer.status === 401) {
    location.replace("/login");
    throw new Refused("not logged in");
  }
  if (answer.status === 403) return null; // this role does not see that
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// The access token lives for minutes; many questions that fail at once renew it once. 409: another tab just did.
let renewing = null;
function renewed() {
  renewing ??= fetch("/v1/auth/refresh", { method: "POST" })
    .then((answer) => answer.ok || answer.status === 409)
    .finally(() => { renewing = null; });
  return renewing;
}

function dashboardPath() {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  return "/v1/analytics/dashboard?since=" + encodeURIComponent(midnight.toISOString());
}

async function refresh() {
  try {
    const [cameras, dashboard, alerts, sightings] = await Promise.all([
      ask("/v1/cameras?limit=200"),
      ask(dashboardPath()),
      ask("/v1/alerts?limit=100"),
      ask("/v1/sightings"),
    ]);
    state.cameras = cameras?.items ?? [];
    state.alerts = new Map((alerts?.items ?? []).map((alert) => [alert.id, alert]));
    takeNumbers(dashboard);
    takePage(sightings);
    byId("problem").hidden = true;
    state.mayWatch = sightings !== null;
    draw();
  } catch (error) {
    if (!(error instanceof Refused)) complain();
  }
}

async function refreshNumbers() {
  try {
    takeNumbers(await ask(dashboardPath()));
    byId("problem").hidden = true;
    draw(); // who was in view a moment ago may not be any more
  } catch (error) {
    if (!(error instanceof Refused)) complain();
  }
}

function takeNumbers(dashboard) {
  if (!dashboard) return;
  state.now = new Map(dashboard.cameras.map((camera) => [camera.camera_id, camera]));
  text("in-view", dashboard.in_view);
  text("sightings-today", dashboard.sightings_today);
  text("recognised-today", dashboard.recognised_today);
  text("open-alerts", dashboard.open_alerts);
  byId("alerts-number").classList.toggle("raised", dashboard.open_alerts > 0);
  drawHour(dashboard.minutes);
}

function takePage(page) {
  if (!page) return;
  for (const sighting of page.items) state.sightings.set(sighting.id, sighting);
  if (!state.paged) state.next = page.next;
}

function complain() {
  byId("problem").textContent = "The server does not answer. What you see may be old; this page goes on trying.";
  byId("problem").hidden = false;
  connection("offline");
}

function connection(name) {
  const words = { live: "live", polling: "every 5 s", offline: "not connected", connecting: "connecting" };
  byId("connection").dataset.state = name;
  text("connection", words[name]);
}

function draw() {
  drawCameras();
  drawAlerts();
  drawSightings();
}

// entries: [id, ...what the row shows]. Rows that show the same as before stay as they are: nothing flickers, and
// screen readers are told of what is new only.
function fill(list, entries, make, emptyText) {
  const element = byId(list);
  const before = new Map([...element.children].map((row) => [row.dataset.id, row]));
  entries.forEach(([id, ...shown], place) => {
    const row = keyed(before.get(id), id, shown, make);
    if (before.size && !before.has(id)) row.classList.add("fresh");
    if (element.children[place] !== row) element.insertBefore(row, element.children[place] ?? null);
  });
  while (element.children.length > entries.length) element.lastElementChild.remove();
  element.removeAttribute("aria-busy");
  byId(list + "-empty").hidden = entries.length > 0;
  text(list + "-empty", emptyText);
  text(list + "-count", entries.length || "");
}

function keyed(old, id, shown, make) {
  const key = JSON.stringify(shown);
  if (old?.dataset.key === key) return old;
  const row = make(...shown, old);
  row.dataset.id = id;
  row.dataset.key = key;
  return row;
}

function drawCameras() {
  const entries = state.cameras.map((camera) => [camera.id, camera, state.now.get(camera.id) ?? null]);
  fill("cameras", entries, cameraRow, "No camera yet. Add one with: sightline camera add NAME URL");
}

function drawAlerts() {
  const open = [...state.alerts.values()].filter((alert) => alert.status !== "resolved");
  open.sort((a, b) => b.created_at.localeCompare(a.created_at));
  fill("alerts", open.map((alert) => [alert.id, alert]), alertRow, "Nothing needs attention.");
}

function drawSightings() {
  const alerted = new Map([...state.alerts.values()].map((alert) => [alert.sighting_id, alert]));
  const newest = [...state.sightings.values()].sort((a, b) => b.detected_at.localeCompare(a.detected_at));
  const shown = state.paged ? newest : newest.slice(0, SHOWN);
  const entries = shown.map((one) => [one.id, one, alerted.get(one.id)?.severity ?? null, isHere(one)]);
  fill("sightings", entries, sightingRow, state.mayWatch ? "Nobody has been seen yet." : "Your role does not show people.");
  byId("older").hidden = !state.next;
}

async function older() {
  byId("older").disabled = true;
  try {
    const page = await ask("/v1/sightings?cursor=" + encodeURIComponent(state.next));
    state.paged = true;
    for (const sighting of page.items) state.sightings.set(sighting.id, sighting);
    state.next = page.next;
    drawSightings();
  } catch (error) {
    if (!(error instanceof Refused)) complain();
  } finally {
    byId("older").disabled = false;
  }
}

function listen() {
  events = new EventSource("/v1/events");
  events.addEventListener("hello", () => { connection("live"); stopPolling(); refresh(); });
  events.addEventListener("look-again", refresh);
  events.addEventListener("sighting", (event) => take(state.sightings, event, drawSightings));
  events.addEventListener("alert", (event) => take(state.alerts, event, draw));
  events.addEventListener("camera", (event) => {
    const camera = JSON.parse(event.data);
    const others = state.cameras.filter((other) => other.id !== camera.id);
    state.cameras = [...others, camera].sort((a, b) => a.name.localeCompare(b.name));
    drawCameras();
  });
  events.onerror = () => { poll(); if (events.readyState === EventSource.CLOSED) setTimeout(listen, REFRESH_MS); };
}

function take(records, event, redraw) {
  const record = JSON.parse(event.data);
  records.set(record.id, record);
  trim();
  redraw();
}

function trim() {
  if (state.paged || state.sightings.size <= 2 * SHOWN) return;
  const newest = [...state.sightings.values()].sort((a, b) => b.detected_at.localeCompare(a.detected_at));
  state.sightings = new Map(newest.slice(0, SHOWN).map((sighting) => [sighting.id, sighting]));
}

function poll() {
  if (polling) return;
  connection("polling");
  refresh();
  polling = setInterval(refresh, REFRESH_MS);
}

function stopPolling() {
  clearInterval(polling);
  polling = null;
}

async function begin() {
  byId("demo").hidden = document.documentElement.dataset.demo !== "yes";
  byId("older").addEventListener("click", older);
  byId("logout").addEventListener("click", async () => {
    await fetch("/v1/auth/logout", { method: "POST" });
    location.replace("/login");
  });
  try {
    const me = await ask("/v1/auth/me");
    if (me.must_change_password) {
      location.replace("/login?reason=password");
      return;
    }
    text("who", `${me.username} · ${me.role}`);
  } catch (error) {
    if (error instanceof Refused) return;
    complain();
  }
  await refresh();
  listen();
  setInterval(() => { if (!polling && !document.hidden) refreshNumbers(); }, REFRESH_MS);
}

begin();
