import { createBrowserRouter, type RouteObject } from "react-router";

import { FirstPage } from "@/app/first-page";
import { Gate } from "@/app/gate";
import { MainLayout } from "@/app/layout/MainLayout";
import { RouteError } from "@/app/route-error";
import { RouteSkeleton } from "@/components/route-skeleton";

/** Each page is a chunk of its own, fetched when it is first opened. */
const PAGES: RouteObject[] = [
  { index: true, element: <FirstPage /> },
  { path: "onboarding", lazy: () => import("@/pages/OnboardingPage") },
  { path: "dashboard", lazy: () => import("@/pages/Dashboard") },
  { path: "live", lazy: () => import("@/pages/LiveView") },
  { path: "cameras", lazy: () => import("@/pages/CamerasPage") },
  { path: "cameras/:cameraId", lazy: () => import("@/pages/CameraDetail") },
  { path: "subjects", lazy: () => import("@/pages/SubjectsPage") },
  { path: "subjects/:subjectId", lazy: () => import("@/pages/SubjectDetail") },
  { path: "watchlists", lazy: () => import("@/pages/WatchlistsPage") },
  { path: "sightings", lazy: () => import("@/pages/SightingsPage") },
  { path: "sightings/:sightingId", lazy: () => import("@/pages/SightingDetail") },
  { path: "searches", lazy: () => import("@/pages/SearchesPage") },
  { path: "alerts", lazy: () => import("@/pages/AlertsPage") },
  { path: "alerts/rules", lazy: () => import("@/pages/AlertRulesPage") },
  { path: "alerts/channels", lazy: () => import("@/pages/AlertChannelsPage") },
  { path: "alerts/:alertId", lazy: () => import("@/pages/AlertDetail") },
  { path: "analytics", lazy: () => import("@/pages/AnalyticsPage") },
  { path: "settings/*", lazy: () => import("@/pages/SettingsPage") },
  { path: "account", lazy: () => import("@/pages/AccountPage") },
  { path: "users", lazy: () => import("@/pages/UsersPage") },
  { path: "*", lazy: () => import("@/pages/NotFound") },
];

export function makeRouter() {
  return createBrowserRouter([
    { path: "/login", lazy: () => import("@/pages/Login"), HydrateFallback: RouteSkeleton, ErrorBoundary: RouteError },
    {
      element: <Gate />,
      HydrateFallback: RouteSkeleton,
      ErrorBoundary: RouteError,
      children: [
        { path: "/welcome", lazy: () => import("@/pages/Welcome"), ErrorBoundary: RouteError },
        {
          path: "/",
          element: <MainLayout />,
          children: [{ ErrorBoundary: RouteError, children: PAGES }],
        },
      ],
    },
  ]);
}
