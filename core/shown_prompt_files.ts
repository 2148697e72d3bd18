/** What the API says of a prompt file that was read. */
import type { PromptFault } from "./prompt_file.ts";

export interface ShownPromptFile {
  /** Of the file; of one in a zip, with its folder there. */
  name: string;
  /** Null where the file has faults. */
  take: { name: string; frames: number; prompt: string; negativePrompt: string } | null;
  faults: PromptFault[];
  /** What stands in it, to be put right; null where it is no text, or too long. */
  text: string | null;
}
