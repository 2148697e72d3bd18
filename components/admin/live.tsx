/** A part of an operators' page that is kept as things are now where scripts run; without them it is as of its time. */
import type { ComponentChildren } from "preact";
import { asset, Head } from "fresh/runtime";

export function Live({ children }: { children: ComponentChildren }) {
  return <div class="stack" data-live>{children}</div>;
}

/** Once per page. */
export function LiveScript() {
  return (
    <Head>
      <script type="module" src={asset("/admin_live.js")} />
    </Head>
  );
}
