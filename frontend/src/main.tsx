import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "@/index.css";
import { App } from "@/app/App";
import { configureApi } from "@/lib/api";
import { startI18n } from "@/lib/i18n";
import { startServiceWorker } from "@/lib/service-worker";

configureApi();
startServiceWorker();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
await startI18n();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
