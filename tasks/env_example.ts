/** Prints .env.example from the configuration schema: `deno task env > .env.example`. */
import { type Variable, VARIABLES } from "@/core/config.ts";

/** The text of .env.example: every variable with its purpose and its default, in groups. */
export function envExample(): string {
  const lines = [
    "# Every variable that Animatrix reads, with its default. All are optional for a local start.",
  ];
  let group = "";
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    if (variable.group !== group) lines.push("", `# ${group = variable.group}`);
    const also = variable.aliases ? ` Also read as ${variable.aliases.join(", ")}.` : "";
    lines.push(`# ${variable.about}${also}`, `${name}=${variable.fallback}`);
  }
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) await Deno.stdout.write(new TextEncoder().encode(envExample()));
