/** Reads from built scripts what they import from one another, and says what is not there: browsers would refuse it. */
import { BUILD_PATH } from "./payload.ts";

const IMPORT = new RegExp(`import\\{([^}]*)\\}from"${BUILD_PATH}([^"]+)"`, "g");
const LATER = new RegExp(`import\\("${BUILD_PATH}([^"]+)"\\)`, "g");
const EXPORT = /export\{([^}]*)\};?\s*$/;

/** One sentence per fault. `boot` is the script of the framework, whose names are listed in `client.ts`. */
export function findBrokenLinks(texts: Map<string, string>, boot: string): string[] {
  const given = new Map(
    [...texts].map(([name, text]) => [name, namesOf(EXPORT.exec(text)?.[1] ?? "", "new")]),
  );
  return [...texts].flatMap(([name, text]) => {
    const missing = [...text.matchAll(IMPORT)].flatMap(([, clause = "", from = ""]) =>
      namesOf(clause, "old").filter((wanted) => !given.get(from)?.includes(wanted)).map((wanted) =>
        from === boot
          ? `lib/fresh/client.ts must export ${wanted}, which ${name} imports`
          : `${name} imports ${wanted} from ${from}, which does not export it`
      )
    );
    const absent = [...text.matchAll(LATER)].filter(([, from = ""]) => !texts.has(from))
      .map(([, from]) => `${name} loads ${from}, which was not built`);
    return [...missing, ...absent];
  });
}

/** The names of a clause such as `a as b,c`: those before `as`, or those after. */
function namesOf(clause: string, side: "old" | "new"): string[] {
  return clause.split(",").filter((one) => one.trim() !== "").map((one) => {
    const [before = "", after] = one.trim().split(/\s+as\s+/);
    return side === "old" ? before : after ?? before;
  });
}
