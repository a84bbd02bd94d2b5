// Makes src/client from the API's own description. With --check it only says whether src/client is what it makes.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const frontend = fileURLToPath(new URL("..", import.meta.url));
const kept = join(frontend, "src/client");
const folder = mkdtempSync(join(tmpdir(), "sightline-client-"));

function files(root, at = root) {
  return readdirSync(at).flatMap((name) => {
    const path = join(at, name);
    return statSync(path).isDirectory() ? files(root, path) : [relative(root, path)];
  });
}

function differences(made) {
  const names = new Set([...files(made), ...(existsSync(kept) ? files(kept) : [])]);
  const text = (root, name) => (existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8") : null);
  return [...names].filter((name) => text(made, name) !== text(kept, name));
}

try {
  const description = join(folder, "openapi.json");
  const made = join(folder, "client");
  execFileSync(join(frontend, "../sightline"), ["openapi", "--output", description], { stdio: "inherit" });
  execFileSync(join(frontend, "node_modules/.bin/openapi-ts"), {
    cwd: frontend,
    env: { ...process.env, SIGHTLINE_OPENAPI: description, SIGHTLINE_CLIENT: made },
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (process.argv.includes("--check")) {
    const stale = differences(made);
    if (stale.length) {
      console.error(
        `src/client is not what the API describes: ${stale.join(", ")}\nwhat to do: npm run client, and commit it`,
      );
      process.exitCode = 1;
    }
  } else {
    rmSync(kept, { recursive: true, force: true });
    cpSync(made, kept, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
