// Processor time of a tree of processes, as Linux counts it.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

const TICKS = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" })); // a second

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold spaces: the fields begin after it, with the third.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const at = (number) => Number(fields[number - 3]);
    return { pid, parent: at(4), seconds: (at(14) + at(15)) / TICKS, ended: (at(16) + at(17)) / TICKS };
  } catch {
    return null; // it has ended
  }
}

/** A process and all below it. */
function tree(root) {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((one) => one !== null);
  const found = all.filter(({ pid }) => pid === root);
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one.pid));
  return found;
}

function kindOf(pid) {
  try {
    return /--type=([\w-]+)/.exec(readFileSync(`/proc/${pid}/cmdline`, "utf8"))?.[1] ?? "browser";
  } catch {
    return "ended";
  }
}

function busySeconds() {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

/** Seconds of processor time so far: of the tree by process, children that ended included, and of the machine. */
export function spent(root) {
  const own = new Map(tree(root).map((one) => [one.pid, { kind: kindOf(one.pid), seconds: one.seconds + one.ended }]));
  return { at: performance.now(), machine: busySeconds(), own };
}

/** Cores taken between two looks: in all, by kind of process, and by everything else on the machine. */
export function cores(before, after) {
  const took = (after.at - before.at) / 1000;
  const byKind = {};
  for (const [pid, { kind, seconds }] of after.own) {
    const used = (seconds - (before.own.get(pid)?.seconds ?? 0)) / took;
    byKind[kind] = (byKind[kind] ?? 0) + used;
  }
  const total = Object.values(byKind).reduce((sum, used) => sum + used, 0);
  return { total, byKind, others: (after.machine - before.machine) / took - total };
}
