/** The media suite on native ffmpeg, where there is one. */
import { describeMedia, openMedia } from "@/adapters/media/mod.ts";
import { testFinishing } from "./finishing_suite.ts";
import { testOperations } from "./operations_suite.ts";
import { testMedia } from "./suite.ts";
import { quietLog, realClock } from "./support.ts";

const found = await describeMedia({ choice: "native", ffmpegPath: "", clock: realClock });
if (found.engine === null) {
  const line = `skipped: the media suite on native ffmpeg (${found.reason})\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
}

const suite = {
  open: (clock: typeof realClock) => openMedia({ choice: "native", ffmpegPath: "", log: quietLog, clock }),
  ignore: found.engine === null,
};
testMedia("native", suite);
testOperations("native", suite);
testFinishing("native", suite);
