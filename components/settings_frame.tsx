/** The frame of the settings: their parts at the side, on a phone above, and the one that is open. */
import type { ComponentChildren } from "preact";
import { settings } from "@/core/words/settings.ts";
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";

const PARTS = [
  { href: "/settings", words: settings.parts.account, icon: icons.user },
  { href: "/settings/sessions", words: settings.parts.sessions, icon: icons.key },
  { href: "/settings/defaults", words: settings.parts.defaults, icon: icons.sliders },
  { href: "/settings/connections", words: settings.parts.connections, icon: icons.plug },
  { href: "/settings/tokens", words: settings.parts.tokens, icon: icons.terminal },
  { href: "/settings/webhooks", words: settings.parts.webhooks, icon: icons.webhook },
  { href: "/settings/data", words: settings.parts.data, icon: icons.download },
];

/** `here` is the address of the open part. */
export function SettingsFrame({ here, children }: { here: string; children: ComponentChildren }) {
  return (
    <main class="room settings">
      <h1>{settings.title}</h1>
      <nav aria-label={settings.menu}>
        {PARTS.map(({ href, words, icon }) => (
          <a href={href} aria-current={href === here ? "page" : "false"}>
            <Icon of={icon} />
            <span>{words}</span>
          </a>
        ))}
        <form method="post" action="/logout">
          <button type="submit">
            <Icon of={icons.logOut} />
            <span>{settings.signOut}</span>
          </button>
        </form>
      </nav>
      <div class="parts">{children}</div>
    </main>
  );
}
