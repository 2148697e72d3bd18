/** One quiet line when the page does not move by itself: the studio is silent, or the session has ended. */
import { live } from "@/core/words/live.ts";
import { Icon } from "../icon.tsx";
import { wifiOff } from "../icons_first.ts";
import { link } from "./tab.ts";

export function LinkLine() {
  const state = link.value;
  return (
    <span class="link-line" role="status">
      {state === "lost" && (
        <>
          <Icon of={wifiOff} />
          {live.lost}
        </>
      )}
      {state === "signed_out" && (
        <>
          {live.signedOut} <a href={`/login?next=${encodeURIComponent(location.pathname)}`}>{live.signIn}</a>
        </>
      )}
      {state === "crowded" && live.crowded}
    </span>
  );
}
