/** The page of a job that is not there, or not this person's: what may have happened, and where to go. */
import { Head } from "fresh/runtime";
import { about as words } from "@/core/words/job_about.ts";
import { shell } from "@/core/words/shell.ts";
import { Icon } from "../icon.tsx";
import { film } from "../icons.ts";

export function Gone() {
  return (
    <>
      <Head>
        <title>{shell.title(words.gone.title)}</title>
        <meta name="robots" content="noindex" />
      </Head>
      <main class="room">
        <div class="empty">
          <Icon of={film} />
          <h1>{words.gone.title}</h1>
          <p>{words.gone.text}</p>
          <p class="row">
            <a class="btn go" href="/dashboard">{words.gone.studio}</a>
            <a class="btn" href="/library">{words.gone.library}</a>
          </p>
        </div>
      </main>
    </>
  );
}
