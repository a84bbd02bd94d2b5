// What kept a page's main thread busy: tasks from the browser's own trace, with their time by the clock and the
// processor time that they had. Beside other work a task waits for a processor: then its time by the clock is longer.

const LONG_MS = 50;

/** Do `act` under a trace. Gives its answer and figures of the tasks of the page's process meanwhile. */
export async function traced(browser, act) {
  const session = await browser.newBrowserCDPSession();
  const categories = ["toplevel", "devtools.timeline", "__metadata"];
  await session.send("Tracing.start", {
    transferMode: "ReturnAsStream",
    traceConfig: { includedCategories: categories },
  });
  const answer = await act();
  const ended = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  const { stream, dataLossOccurred } = await ended;
  if (dataLossOccurred) throw new Error("the trace has gaps");
  const events = JSON.parse(await readAll(session, stream)).traceEvents;
  await session.detach();
  return { answer, tasks: figures(events) };
}

async function readAll(session, handle) {
  const parts = [];
  for (;;) {
    const { data, eof } = await session.send("IO.read", { handle, size: 10_000_000 });
    parts.push(data);
    if (eof) break;
  }
  await session.send("IO.close", { handle });
  return parts.join("");
}

function figures(events) {
  const isMain = new Set(
    events
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const onMain = events.filter(({ ph, pid, tid }) => ph === "X" && isMain.has(`${pid} ${tid}`));
  const tasks = onMain.filter(({ name }) => name.endsWith("RunTask"));
  const wall = tasks.map(({ dur }) => dur / 1000);
  const processor = tasks.map(({ tdur = 0 }) => tdur / 1000);
  const hardest = tasks[processor.indexOf(largest(processor))];
  return {
    tasks: tasks.length,
    longest_ms: largest(wall),
    over_50_ms: wall.filter((ms) => ms > LONG_MS).length,
    longest_processor_ms: largest(processor),
    over_50_ms_of_processor: processor.filter((ms) => ms > LONG_MS).length,
    longest_processor_collecting_ms: hardest ? collecting(onMain, hardest) : 0,
  };
}

/** Processor time that a task spent on collecting garbage. */
function collecting(events, { pid, tid, ts, dur }) {
  return events
    .filter((one) => one.pid === pid && one.tid === tid && /^M(ajor|inor)GC$/.test(one.name))
    .filter((one) => one.ts >= ts && one.ts + one.dur <= ts + dur)
    .reduce((sum, { tdur = 0 }) => sum + tdur / 1000, 0);
}

const largest = (values) => values.reduce((most, value) => Math.max(most, value), 0);
