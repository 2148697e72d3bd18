/** The banner of maintenance in a page that stays open: put up, changed and taken down as the stream tells. Only for browsers. */
import { maintenance } from "@/core/words/maintenance.ts";

export function show(note: string | null, banner: Element | null): void {
  if (note === null) return banner?.remove();
  if (banner === null) {
    banner = document.createElement("p");
    banner.className = "note service";
    banner.setAttribute("role", "status");
    document.body.prepend(banner);
  }
  banner.textContent = `${maintenance.banner} ${note}`;
}
