/** The browser of tests and pictures: the system's, with nothing that talks to the outside. */
export const LAUNCH = {
  executablePath: process.env.SIGHTLINE_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
};
