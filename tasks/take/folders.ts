/** The folder of one video: latents, videos, references, combined and final, with the names that people know from prompt runners. */
import { dirname, join } from "node:path";

const PLACES: Record<string, (number: string) => string> = {
  latent: (number) => `latents/job_${number}.latent`,
  clip: (number) => `videos/job_${number}.mp4`,
  reference: (number) => `references/job_${number}_ref.png`,
};

/** Where a file of a step stands below the video's folder. */
export function nameOf(step: string, role: string): string {
  const number = /-(\d+)$/.exec(step)?.[1];
  if (step.startsWith("combine-") && role === "film") return `combined/combined_${number}.mp4`;
  const place = number === undefined ? undefined : PLACES[role];
  return place && number !== undefined ? place(number) : `${role}/${step}`;
}

export const FINAL = "final";

export async function copyInto(path: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  // Renamed at the end: whoever looks meanwhile sees whole files only.
  await Deno.copyFile(path, `${to}.part`);
  await Deno.rename(`${to}.part`, to);
}

export function videoFolder(out: string, name: string): string {
  return join(out, name);
}
