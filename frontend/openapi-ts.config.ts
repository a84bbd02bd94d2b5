import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: process.env.SIGHTLINE_OPENAPI ?? "openapi.json",
  output: { path: process.env.SIGHTLINE_CLIENT ?? "src/client", postProcess: [] },
  plugins: [
    { name: "@hey-api/client-fetch", throwOnError: true },
    "@hey-api/typescript",
    { name: "@hey-api/sdk" },
    { name: "@tanstack/react-query", queryOptions: true, mutationOptions: true, infiniteQueryOptions: true },
  ],
});
