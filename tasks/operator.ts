/** `deno task operator`: lists people; `link EMAIL` makes a link for a new password, `make EMAIL` an operator. */
import { systemClock } from "@/adapters/system/clock.ts";
import { openRecovery, type Recovery } from "@/studio/recovery.ts";
import { openLine, orSay, readSettings } from "./backup_line.ts";

const USAGE = `deno task operator              everybody with an account
deno task operator link EMAIL   a link for one new password, good for a day
deno task operator make EMAIL   makes that person an operator, and opens a closed account`;

/** What is said at the end, and whether it was done. */
async function act(recovery: Recovery, verb: string | undefined, email: string): Promise<[string, boolean]> {
  const nobody: [string, boolean] = [
    `Nobody with the address ${email} can sign in. Without a word after it, ` +
    "deno task operator lists everybody.",
    false,
  ];
  const now = recovery.runs
    ? " The studio that runs here knows it at once."
    : " The studio does not run: start it.";
  if (verb === "make") {
    return await recovery.promote(email) ? [`${email} is an operator.${now}`, true] : nobody;
  }
  if (verb === "link") {
    const made = await recovery.link(email);
    if (made === null) return nobody;
    const until = new Date(made.expiresAt).toISOString().slice(0, 16).replace("T", " ");
    return [`${made.url}\nGood for one new password of ${email} until ${until} UTC.${now}`, true];
  }
  const people = await recovery.people();
  const lines = people.map(({ email, role, isClosed }) =>
    `${role.padEnd(9)} ${email}${isClosed ? ", closed" : ""}`
  );
  return [lines.join("\n") || "Nobody has an account yet: the first one becomes the operator's.", true];
}

if (import.meta.main) {
  const [verb, email = ""] = Deno.args;
  const line = openLine();
  const isRight = Deno.args.length === 0 || (Deno.args.length === 2 && (verb === "link" || verb === "make"));
  if (!isRight) {
    line.end(USAGE);
    Deno.exit(2);
  }
  const recovery = await orSay(line, () => openRecovery(readSettings(), systemClock()));
  const [said, done] = await orSay(line, () => act(recovery, verb, email));
  await recovery.close();
  line.end(said);
  if (!done) Deno.exit(1);
}
