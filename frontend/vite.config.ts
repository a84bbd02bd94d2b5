import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const api = process.env.SIGHTLINE_API ?? "http://127.0.0.1:8000";
// The API compares Origin with Host: both are the development server's.
const proxied = { target: api, changeOrigin: false, ws: true };

const init = readFileSync(new URL("../backend/sightline/__init__.py", import.meta.url), "utf8");
const version = /__version__ = "(.+)"/.exec(init)?.[1];
if (!version) throw new Error("backend/sightline/__init__.py names no __version__");

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: { __SIGHTLINE_VERSION__: JSON.stringify(version) },
  build: {
    // The API serves it from its own package: one port, and part of its wheel.
    outDir: "../backend/sightline/api/ui",
    emptyOutDir: true,
    manifest: "manifest.build.json",
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy has no data: for scripts and fonts
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        // What every page needs in two files instead of fifty: six at a time each cost a slow network a round trip.
        // Libraries stay the same from release to release.
        codeSplitting: {
          groups: [
            { name: "libraries", tags: ["$initial"], test: /[\\/]node_modules[\\/]/ },
            { name: "first", tags: ["$initial"] },
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/v1", "/healthz", "/docs", "/openapi.json", "/asyncapi.json", "/enter"].map((path) => [path, proxied]),
    ),
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"],
    restoreMocks: true,
    maxWorkers: 2,
  },
});
