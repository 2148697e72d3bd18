/** What the form of a render server says, as the API takes it, and what the API says of it, as the form shows it. */
import type { ServerValues } from "@/components/admin/server_form.tsx";
import type { ShownBackend } from "@/core/shown_admin.ts";
import type { ProblemAnswer } from "@/core/shown.ts";
import { type Refused, refusedBy } from "./refused.ts";

const GB = 1e9;
const FIELDS = ["url", "name", "slots", "header", "tags", "gpu", "vramBytes", "costHour"];

export const NO_SERVER: ServerValues = serverValues({});

export function serverValues(fields: Record<string, string>): ServerValues {
  const { url = "", name = "", slots = "", tags = "", gpu = "", vramBytes = "", costHour = "" } = fields;
  return { url, name, slots, tags, gpu, vramBytes, costHour };
}

export function valuesOf(
  { url, name, slotsGiven, tags, gpu, vramGiven, costHour }: ShownBackend,
): ServerValues {
  return {
    url,
    name: name ?? "",
    slots: slotsGiven === null ? "" : String(slotsGiven),
    tags: tags.join(", "),
    gpu: gpu ?? "",
    vramBytes: vramGiven === null ? "" : String(vramGiven / GB),
    costHour: costHour === null ? "" : String(costHour),
  };
}

/** Without a header there is none in it: an empty field keeps what is set. */
export function bodyOf(fields: Record<string, string>): Record<string, unknown> {
  const { url, name, slots, tags, gpu, vramBytes, costHour } = serverValues(fields);
  return {
    ...(fields.url === undefined ? {} : { url }),
    ...headerOf(fields),
    name: name.trim() || null,
    slots: numberOf(slots),
    tags: tags.split(/[\s,]+/).filter((tag) => tag !== ""),
    gpu: gpu.trim() || null,
    vramBytes: numberOf(vramBytes, GB),
    costHour: numberOf(costHour),
  };
}

export function headerOf({ header = "", headerOff }: Record<string, string>): { header?: string | null } {
  if (headerOff === "on") return { header: null };
  return header.trim() === "" ? {} : { header };
}

/** What is no number is left for the API to refuse. */
function numberOf(text: string, unit = 1): number | string | null {
  if (text.trim() === "") return null;
  const value = Number(text.replace(",", "."));
  return Number.isNaN(value) ? text : value * unit;
}

export function refusedServer(problem: ProblemAnswer): Refused {
  const fields = problem.fields?.map(({ path, message }) => ({ path: path.split(".")[0] ?? "", message }));
  return refusedBy({ ...problem, ...(fields ? { fields } : {}) }, FIELDS);
}
