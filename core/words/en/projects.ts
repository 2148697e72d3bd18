/** English: projects and what lies in them. */
import { count } from "./format.ts";

export const projects = {
  title: "Projects",
  lead: "Keep the films and files of one piece of work together.",
  make: "New project",
  name: "Name",
  nameHint: "For instance: Harbour, five shots",
  about: "What it is about",
  create: "Make the project",
  edit: "Edit",
  save: "Save",
  remove: "Delete the project",
  confirm: (name: string) => `Delete the project ${name}?`,
  confirmText: (films: number, files: number) =>
    films + files === 0
      ? "It is empty. This cannot be undone."
      : `What is in it stays in your library: ${
        [films > 0 && count(films, "film"), files > 0 && count(files, "file")].filter(Boolean).join(" and ")
      }.`,
  keep: "Keep it",
  newFilm: "New film in here",
  holds: (films: number, files: number) => `${count(films, "film")} · ${count(files, "file")}`,
  none: { title: "No projects yet", text: "Give one a name, then move films and files into it." },
  made: "The project is made. Move things into it from the library.",
  saved: "Saved.",
  removed: "The project is deleted. Its films and files are in your library.",
};
