/** Hands prompt files to the studio to be read, and finds them in folders that are dropped. Only for browsers. */
import type { ShownPromptFile } from "@/core/shown_prompt_files.ts";
import { problemIn } from "../composer/call.ts";

/** A file with the folder it lay in. */
export interface NamedFile {
  name: string;
  file: File;
}

/** Null when the studio did not answer. */
export async function readPrompts({ name, file }: NamedFile): Promise<ShownPromptFile[] | null> {
  for (;;) {
    try {
      const answer = await fetch(`/api/takes/content?name=${encodeURIComponent(name.slice(-400))}`, {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: file,
      });
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text).items;
      const problem = problemIn(text);
      if (problem === null) return null;
      if (problem.retryAfterMs === undefined) return [faulty(name, problem.title)];
      await new Promise((resolve) => setTimeout(resolve, problem.retryAfterMs));
    } catch {
      return null;
    }
  }
}

function faulty(name: string, text: string): ShownPromptFile {
  return { name, take: null, faults: [{ block: 0, line: 1, text }], text: null };
}

export function namedFiles(files: Iterable<File>): NamedFile[] {
  return [...files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
}

/** Everything that was dropped, folders walked through. The entries have to be taken before anything is waited for. */
export async function droppedFiles(transfer: DataTransfer): Promise<NamedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every((entry) => entry === null)) return namedFiles(transfer.files);
  const found = await Promise.all(entries.map((entry) => entry === null ? [] : walk(entry)));
  return found.flat();
}

async function walk(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return file.name.startsWith(".") ? [] : [{ name: entry.fullPath.replace(/^\//, ""), file }];
  }
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const inside: NamedFile[] = [];
  // A folder gives a hundred entries at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (some.length === 0) {
      return inside.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    }
    for (const one of some) inside.push(...await walk(one));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
