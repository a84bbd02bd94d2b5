import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type RoleName = "admin" | "operator" | "viewer" | "auditor";

interface Account {
  username: string;
  password: string;
}

/** Where a product runs, and who may log in; made by backend/tests/support/interface_house.py. */
export interface House {
  url: string;
  portrait: string;
  stream: Account & { url: string };
  data_dir: string;
  /** Where a camera takes commands to move. */
  control: { port: number };
  accounts: Record<RoleName, Account>;
  /** Of a product that nobody has logged in to yet. */
  initial?: Account;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const STARTING_MS = 180_000;

interface Started {
  house: House;
  /** End it and everything that it started. */
  stop: () => Promise<void>;
  /** End one of its processes as a crash would; it is started anew by the product. */
  kill: (part: "api") => void;
}

/** Start a product. options: those of interface_house.py. */
export async function startHouse(...options: string[]): Promise<Started> {
  const child = spawn(`${ROOT}.venv/bin/python`, ["-m", "tests.support.interface_house", ...options], {
    cwd: `${ROOT}backend`,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const house = JSON.parse(await firstLine(child)) as House;
  return {
    house,
    kill: (part) => child.stdin.write(`kill ${part}\n`),
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.stdin.end();
      }),
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the product did not start in time")), STARTING_MS);
    child.once("exit", (code) => reject(new Error(`the product ended with code ${code} while it started`)));
    if (!child.stdout) throw new Error("no output to read");
    createInterface(child.stdout).once("line", (line) => {
      clearTimeout(timer);
      resolve(line);
    });
  });
}

/** The house of this run: started by global-setup.ts, or one that runs already (SIGHTLINE_E2E_STATE names its file). */
export function runningHouse(): House {
  const file = process.env.SIGHTLINE_E2E_STATE;
  if (!file) throw new Error("SIGHTLINE_E2E_STATE names no file");
  const house = JSON.parse(readFileSync(file, "utf8")) as House;
  return { ...house, url: process.env.SIGHTLINE_E2E_URL ?? house.url };
}
