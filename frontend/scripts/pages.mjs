/**
 * Every page that screenshots.mjs takes, by the name of its picture. `as` who sees it: nobody (the login), a newcomer (who
 * has yet to choose a password), else the administrator. `{alert}` and the like stand for the id of a record that is there.
 */
export const PAGES = {
  login: { path: "/login", as: "nobody" },
  welcome: { path: "/welcome", as: "newcomer" },
  onboarding: { path: "/onboarding" },
  dashboard: { path: "/dashboard" },
  live: { path: "/live" },
  cameras: { path: "/cameras" },
  camera: { path: "/cameras/{camera}" },
  subjects: { path: "/subjects" },
  subject: { path: "/subjects/{subject}" },
  watchlists: { path: "/watchlists" },
  sightings: { path: "/sightings" },
  sighting: { path: "/sightings/{sighting}" },
  searches: { path: "/searches" },
  alerts: { path: "/alerts" },
  alert: { path: "/alerts/{alert}" },
  "alert-rules": { path: "/alerts/rules" },
  "alert-channels": { path: "/alerts/channels" },
  analytics: { path: "/analytics" },
  settings: { path: "/settings" },
  account: { path: "/account" },
  users: { path: "/users" },
  "not-found": { path: "/nowhere" },
};
