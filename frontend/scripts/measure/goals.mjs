// What was measured as lines of a table: a name, what it was, and the goal where there is one.

const TASK_MS = 50;
const CORES = 1;
const PIXEL_MS = 200;
const LIST = 100_000;
const TILES = 16;

const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const line = (name, shown, goal = "", isMet = true) => ({ name, shown, goal, isMet });

/** The goal is the page's: a task that was long since it waited for a processor is not its own. */
function longTasks(phase) {
  const { over_50_ms, over_50_ms_of_processor: own } = phase;
  if (own === undefined) return [];
  const longest = `${ms(phase.longest_processor_ms)}, ${ms(phase.longest_processor_collecting_ms)} of it collecting garbage`;
  return [`≤ ${TASK_MS} ms; longest of a processor ${longest}`, over_50_ms === 0 || own === 0];
}

const LINES = {
  sizes(rows) {
    const [first, ...parts] = rows;
    const largest = parts.toSorted((one, other) => other.kb - one.kb)[0];
    return [
      line("first load, gzipped", `${first.kb.toFixed(0)} kB`, `≤ ${first.limit} kB`, first.kb <= first.limit),
      line(
        `largest part (${largest.name})`,
        `${largest.kb.toFixed(0)} kB`,
        `≤ ${largest.limit} kB`,
        parts.every(({ kb, limit }) => kb <= limit),
      ),
    ];
  },
  start(networks) {
    return Object.entries(networks).flatMap(([network, visits]) =>
      Object.entries(visits).map(([name, { first_paint_ms, usable_ms, fetched_kb }]) =>
        line(
          `${name}, ${network} network`,
          `painted ${ms(first_paint_ms)}, usable ${ms(usable_ms)}, ${Math.round(fetched_kb)} kB`,
        ),
      ),
    );
  },
  events({ events, never_shown, pixel_ms, since_published_ms }) {
    const spread = ({ p50, p95, max }) => `p50 ${ms(p50)}, p95 ${ms(p95)}, max ${ms(max)}`;
    return [
      line(
        `WebSocket event to pixel, ${events} events`,
        spread(pixel_ms),
        `p95 ≤ ${PIXEL_MS} ms`,
        pixel_ms.p95 <= PIXEL_MS && never_shown === 0,
      ),
      line("published by the server to pixel", spread(since_published_ms)),
    ];
  },
  wall({ tiles, pictures_per_second, source, tile, faces_marked, browser_cores, by_process, others_cores }) {
    const parts = Object.entries(by_process).map(([kind, used]) => `${kind} ${used.toFixed(2)}`);
    return [
      line(
        `live view, ${tiles} tiles of ${source}`,
        `${browser_cores.toFixed(2)} cores`,
        `< ${CORES} core`,
        browser_cores < CORES && tiles >= TILES,
      ),
      line("  by process", parts.join(", ")),
      line(
        "  shown at",
        `${tile}, ${pictures_per_second.toFixed(1)} pictures/s, ${faces_marked.toFixed(1)} faces marked`,
      ),
      line("  everything else meanwhile", `${others_cores.toFixed(2)} cores`),
    ];
  },
  scrolling(phases) {
    const lines = Object.entries(phases).flatMap(([name, phase]) => [
      line(
        `list, ${name}`,
        `longest task ${ms(phase.longest_ms)}, ${phase.over_50_ms} over ${TASK_MS} ms`,
        ...longTasks(phase),
      ),
      line(
        "",
        `${phase.rows} rows, ${phase.events} events, ${phase.heap_mb} MB, ${Math.round(phase.seconds)} s, ` +
          `frame p95 ${ms(phase.frame_p95_ms)}`,
      ),
    ]);
    const most = Math.max(...Object.values(phases).map(({ rows }) => rows));
    return [...lines, line("list, rows loaded", String(most), `≥ ${LIST}`, most >= LIST)];
  },
};

/** Of each measurement by its name. */
export function linesOf(measured) {
  return Object.entries(measured).flatMap(([name, figures]) => LINES[name]?.(figures) ?? []);
}
