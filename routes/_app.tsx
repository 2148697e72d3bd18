/** The HTML shell of every page. */
import { asset } from "fresh/runtime";
import { maintenance } from "@/core/words/maintenance.ts";
import { shell } from "@/core/words/shell.ts";
import { define } from "./(_shared)/define.ts";

/** Asked for at once, so that the first paint has them. */
const WEIGHTS = [400, 500, 600];

export default define.page(({ Component, state }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="dark" />
      <meta name="theme-color" content="#14181d" />
      <title>{shell.name}</title>
      <meta name="robots" content="noindex" />
      <link rel="icon" href={asset("/favicon.svg")} type="image/svg+xml" />
      <link rel="apple-touch-icon" href={asset("/icons/apple-touch-icon.png")} />
      <link rel="manifest" href={asset("/manifest.webmanifest")} />
      {WEIGHTS.map((weight) => (
        <link
          key={weight}
          rel="preload"
          href={asset(`/fonts/ibm-plex-sans-latin-${weight}-normal.woff2`)}
          as="font"
          type="font/woff2"
          crossorigin="anonymous"
        />
      ))}
      <link rel="stylesheet" href={asset("/css/main.css")} />
    </head>
    <body>
      {state.maintenance && (
        <p class="note service" role="status">
          {maintenance.banner} {state.maintenance.note}
        </p>
      )}
      <Component />
    </body>
  </html>
));
