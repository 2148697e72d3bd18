/** What backup and restore say in a terminal: one line that moves, one that stays. */
import { loadEnvFile } from "@/adapters/system/env_file.ts";
import { type Config, readConfig } from "@/core/config.ts";
import { problemOf } from "@/core/problem.ts";
import { bytes, count } from "@/core/words/format.ts";
import type { Progress } from "@/studio/backup/record.ts";

const EVERY_MS = 200;

export interface Line {
  show(progress: Progress): void;
  end(text: string): void;
}

const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));

/** The moving line is for people who watch; files and pipes get the last one alone. */
export function openLine(): Line {
  const watched = Deno.stdout.isTerminal();
  let shownAt = 0;
  const clear = watched ? "\r\x1b[2K" : "";
  return {
    show({ part, files, bytes: size }) {
      if (!watched || performance.now() - shownAt < EVERY_MS) return;
      shownAt = performance.now();
      write(`${clear}${part}: ${part === "files" ? `${count(files, "file")}, ` : ""}${bytes(size)}`);
    },
    end: (text) => void write(`${clear}${text}\n`),
  };
}

/** The one folder on the command line; ends the process with the usage otherwise. */
export function chosenFolder(task: "backup" | "restore"): string {
  const [dir] = Deno.args;
  if (dir !== undefined && Deno.args.length === 1 && !dir.startsWith("-")) return dir;
  write(`Say which folder: deno task ${task} FOLDER\n`);
  Deno.exit(2);
}

/** Runs it; a problem becomes its sentence and exit code 1. */
export async function orSay<T>(line: Line, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    const found = problemOf(thrown);
    line.end(found.operator ?? found.message);
    Deno.exit(1);
  }
}

/** The settings that the studio has; bad ones end the process with a sentence for each. */
export function readSettings(): Config {
  loadEnvFile();
  const config = readConfig(Deno.env.toObject());
  if (config.ok) return config.value;
  write(`${config.problem.map(({ message }) => message).join("\n")}\n`);
  Deno.exit(1);
}
