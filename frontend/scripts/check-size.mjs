// Refuses a build that is larger than its limits.
import { sizes } from "./sizes.mjs";

let isOver = false;
for (const { name, kb, limit } of sizes()) {
  if (kb > limit) isOver = true;
  console.log(`${name.padEnd(40)} ${kb.toFixed(1).padStart(7)} kB of ${limit}${kb > limit ? "  TOO MUCH" : ""}`);
}
if (isOver) process.exit(1);
