/** Prints each requirement with the tests whose names carry its id in brackets, and the ids that have none, per series. */
import { z } from "zod";

/** A test's name: the first argument of what makes tests, or `name` where a test is an object. */
const NAME =
  /(?:(?:Deno\.test|\.step|\bit|\bcheck|\brule|\btest|\bjourney)\(\s*|\bname:\s*)(["'`])((?:\\.|(?!\1)[^\\])*)\1/g;
const SERIES = /^([A-Z]{2})\d+$/;

export interface Coverage {
  id: string;
  sentence: string;
  tests: string[];
}

/** Test names with their requirement ids, read from the sources below `tests/`. */
export async function taggedTests(root = "tests"): Promise<{ name: string; ids: string[] }[]> {
  const found: { name: string; ids: string[] }[] = [];
  for await (const path of testFiles(root)) {
    const text = await Deno.readTextFile(path);
    for (const { 2: quoted = "" } of text.matchAll(NAME)) {
      const ids = [...quoted.matchAll(/\[((?:[A-Z]{2}\d+[, ]*)+)\]/g)].flatMap(([, list = ""]) =>
        list.match(/[A-Z]{2}\d+/g) ?? []
      );
      if (ids.length > 0) found.push({ name: quoted, ids });
    }
  }
  return found;
}

async function* testFiles(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* testFiles(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

/** Every requirement with its tests, in the order of tests/requirements.json. */
export async function coverage(): Promise<Coverage[]> {
  const sentences = z.record(z.string().regex(SERIES), z.string()).parse(
    JSON.parse(await Deno.readTextFile("tests/requirements.json")),
  );
  const tests = await taggedTests();
  return Object.entries(sentences).map(([id, sentence]) => ({
    id,
    sentence,
    tests: tests.filter((test) => test.ids.includes(id)).map((test) => test.name),
  }));
}

/** The report as lines of text. */
export function report(all: Coverage[]): string[] {
  const lines = all.flatMap((
    { id, sentence, tests },
  ) => [`${id} ${sentence}`, ...tests.map((name) => `    ${name}`)]);
  const series = [...new Set(all.map(({ id }) => id.slice(0, 2)))];
  const summary = series.map((name) => {
    const own = all.filter(({ id }) => id.startsWith(name));
    const none = own.filter(({ tests }) => tests.length === 0).map(({ id }) => id);
    return `${name}: ${own.length - none.length} of ${own.length} have a test; none: ${
      none.join(" ") || "-"
    }`;
  });
  return [...lines, "", ...summary];
}

if (import.meta.main) {
  await Deno.stdout.write(new TextEncoder().encode(`${report(await coverage()).join("\n")}\n`));
}
