/** A project in a list: the picture of its newest film, its name, and how much it holds. */
import type { ShownProject } from "@/core/shown.ts";
import { projects } from "@/core/words/projects.ts";
import { Picture } from "../films/picture.tsx";
import { Icon } from "../icon.tsx";
import { folder } from "../icons.ts";

export function ProjectCard({ project }: { project: ShownProject }) {
  const { id, name, films, files, coverUrl } = project;
  return (
    <a class="card" href={`/projects/${id}`}>
      <span class="pic">
        {coverUrl === null ? <Icon of={folder} class="none" /> : <Picture src={coverUrl} />}
      </span>
      <p class="cut">{name}</p>
      <small class="num">{projects.holds(films, files)}</small>
    </a>
  );
}
