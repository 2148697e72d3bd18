/** The bar on top of every page: the mark, the way to every room, the pool's state and the account. */
import type { ComponentChildren } from "preact";
import { shell } from "@/core/words/shell.ts";
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";

/** Who is signed in, as far as the bar shows it. */
export interface Who {
  email: string;
  isOperator: boolean;
}

const ROOMS = [
  { href: "/dashboard", words: shell.nav.studio, icon: icons.wand },
  { href: "/takes/new", words: shell.nav.takes, icon: icons.film },
  { href: "/queue", words: shell.nav.queue, icon: icons.clock },
  { href: "/library", words: shell.nav.library, icon: icons.image },
  { href: "/projects", words: shell.nav.projects, icon: icons.folder },
  { href: "/shelf", words: shell.nav.shelf, icon: icons.layers },
];
const ADMIN = { href: "/admin", words: shell.nav.admin, icon: icons.server };

export function Header({ who, children }: { who?: Who | null; children?: ComponentChildren }) {
  return (
    <header class="bar">
      <a class="mark" href={who ? "/dashboard" : "/"}>
        <b aria-hidden="true"></b>
        <span>{shell.name}</span>
      </a>
      {who && (
        <nav class="rooms" aria-label={shell.menu}>
          {[...ROOMS, ...(who.isOperator ? [ADMIN] : [])].map((room) => (
            <a href={room.href}>
              <Icon of={room.icon} />
              <span>{room.words}</span>
            </a>
          ))}
        </nav>
      )}
      <div class="far">
        {children}
        {who
          ? (
            <a class="avatar" href="/settings" title={who.email}>
              {initialsOf(who.email)} <span class="unseen">{shell.account(who.email)}</span>
            </a>
          )
          : who === null && <a class="btn" href="/login">{shell.signIn}</a>}
      </div>
    </header>
  );
}

/** Two letters: of the parts of the name before the @, or its beginning. */
export function initialsOf(email: string): string {
  const name = email.split("@")[0] ?? "";
  const parts = name.split(/[._+-]+/).filter((part) => part !== "");
  const letters = parts.length > 1 ? `${parts[0]?.[0]}${parts[1]?.[0]}` : name.slice(0, 2);
  return letters.toUpperCase();
}
