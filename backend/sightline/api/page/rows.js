// Rows and numbers as DOM nodes. Names come from outside: they are set as text only.
const WORDS = { active: "live", inactive: "off", error: "error" };

export function text(id, value) {
  document.getElementById(id).textContent = String(value);
}

function node(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function sightingRow(sighting, severity, here, before) {
  const row = node("li", "sighting" + (severity ? " alerted" : ""));
  row.append(crop(sighting, before), whoIs(sighting, severity), howSure(sighting), when(sighting, here));
  return row;
}

function crop(sighting, before) {
  if (!sighting.has_image) return node("span", "crop none", "no picture");
  const address = `/v1/sightings/${sighting.id}/image?shot=${(sighting.quality ?? 0).toFixed(3)}`;
  const old = before?.querySelector("img.crop");
  if (old && old.getAttribute("src") === address) return old;
  const image = node("img", "crop");
  image.alt = sighting.subject_name ? `Face of ${sighting.subject_name}` : "Face of an unknown person";
  image.loading = "lazy";
  image.width = image.height = 52;
  image.src = address;
  image.addEventListener("error", () => image.replaceWith(node("span", "crop none", "no picture")));
  return image;
}

function whoIs(sighting, severity) {
  const name = sighting.subject_name ?? (sighting.subject_id ? "not shown" : "unknown");
  const line = node("div", "name" + (sighting.subject_id ? "" : " unknown"), name);
  if (severity) line.append(" ", tag(`alert: ${severity}`, severity));
  return node("div", "who-is", line, node("div", "sub", sighting.camera_name));
}

function howSure(sighting) {
  const box = node("div", "how-sure");
  if (sighting.similarity !== null) {
    box.append(node("div", "", `similarity ${sighting.similarity.toFixed(2)}`));
    const rate = node("div", "sub", falseMatch(sighting));
    rate.title = "How often one comparison with a stranger reaches this similarity.";
    box.append(rate);
  } else {
    box.append(node("div", "sub", "no match"));
  }
  return box;
}

function falseMatch(sighting) {
  const rate = sighting.false_match_rate;
  if (rate === null) return "false-match rate not measured";
  const strangers = 1 / rate;
  const digits = Math.pow(10, Math.max(0, Math.floor(Math.log10(strangers)) - 1)); // two digits: the data says no more
  const rounded = (Math.round(strangers / digits) * digits).toLocaleString("en");
  return `false match ${sighting.false_match_rate_is_bound ? "≤ " : ""}1 in ${rounded}`;
}

export function isHere(sighting) {
  return !sighting.closed_at && Date.now() - Date.parse(sighting.last_seen_at) < 15000; // as the dashboard counts
}

function when(sighting, here) {
  const box = node("div", "when", node("div", "", moment(sighting.detected_at)));
  const seconds = Math.max(0, Math.round((Date.parse(sighting.last_seen_at) - Date.parse(sighting.detected_at)) / 1000));
  const stay = seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  box.append(node("div", "sub", here ? tag("in view", "here") : `for ${stay}`));
  return box;
}

function moment(text) {
  const at = new Date(text);
  const today = new Date().toDateString() === at.toDateString();
  const clock = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  const time = node("time", "", today ? clock : `${at.toLocaleDateString()} ${clock}`);
  time.dateTime = text;
  return time;
}

function tag(words, kind) {
  return node("span", `tag ${kind}`, words);
}

export function cameraRow(camera, now) {
  const status = node("span", `state ${camera.status}`, WORDS[camera.status] ?? camera.status);
  const facts = [camera.location, camera.resolution, camera.fps ? `${Math.round(camera.fps)} fps` : ""].filter(Boolean);
  const left = node("div", "", node("div", "", node("b", "", camera.name), " ", status));
  if (camera.status === "error" && camera.status_message) left.append(node("div", "sub", camera.status_message));
  else if (facts.length) left.append(node("div", "sub", facts.join(" · ")));
  const seen = camera.last_seen_at ? node("div", "sub", "last sighting ", moment(camera.last_seen_at)) : node("div", "sub", "no sighting yet");
  left.append(seen);
  const counts = node("div", "counts", node("div", "", `${now?.in_view ?? "–"} in view`));
  counts.append(node("div", "sub", `${now?.sightings_today ?? "–"} today`), node("div", "sub", `${now?.detections ?? "–"} detections/min`));
  return node("li", "camera", left, counts);
}

export function alertRow(alert) {
  const name = node("span", "name", alert.subject_name ?? "not shown");
  const left = node("div", "", node("div", "", tag(alert.severity, alert.severity), " ", name), node("div", "sub", alert.message));
  return node("li", "alert", left, node("div", "sub when", moment(alert.matched_at)));
}

export function drawHour(minutes) {
  const svg = document.getElementById("hour");
  const most = Math.max(1, ...minutes.map((minute) => minute.detections));
  const bars = minutes.map((minute, index) => {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const height = minute.detections ? Math.max(1.5, (34 * minute.detections) / most) : 1;
    for (const [name, value] of Object.entries({ x: index * 4, y: 36 - height, width: 3, height })) bar.setAttribute(name, value);
    if (!minute.detections) bar.classList.add("none");
    return bar;
  });
  svg.replaceChildren(...bars);
  text("hour-now", `(now ${minutes.at(-1)?.detections ?? 0}, most ${most === 1 && !minutes.some((m) => m.detections) ? 0 : most})`);
}
