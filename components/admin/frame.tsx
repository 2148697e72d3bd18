/** The frame of the operators' pages: their parts on top, when it was looked, and what the last button did. */
import type { ComponentChildren } from "preact";
import { Head } from "fresh/runtime";
import { admin } from "@/core/words/admin.ts";
import { timeOfDay } from "@/core/words/format.ts";
import { shell } from "@/core/words/shell.ts";

export interface AdminFrameProps {
  /** Path of the part. */
  here: keyof typeof admin.parts;
  now: number;
  /** What was done, or why not. */
  done?: string;
  wrong?: string;
  children: ComponentChildren;
}

export function AdminFrame({ here, now, done, wrong, children }: AdminFrameProps) {
  return (
    <main class="room admin">
      <Head>
        <title>{shell.title(admin.parts[here])}</title>
      </Head>
      <div class="head first">
        <h1>{admin.title}</h1>
        <nav class="filters" aria-label={admin.title}>
          {Object.entries(admin.parts).map(([path, words]) => (
            <a key={path} href={path} aria-current={path === here ? "page" : "false"}>{words}</a>
          ))}
        </nav>
      </div>
      {done && <p class="note good" role="status">{done}</p>}
      {wrong && <p class="note bad" role="alert">{wrong}</p>}
      {children}
      <p class="tiny quiet num">
        {admin.asOf(timeOfDay(now))} <a href={here}>{admin.again}</a>
      </p>
    </main>
  );
}
