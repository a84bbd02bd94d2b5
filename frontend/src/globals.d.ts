/** Of the checkout that the interface was built from; set by vite.config.ts. */
declare const __SIGHTLINE_VERSION__: string;
