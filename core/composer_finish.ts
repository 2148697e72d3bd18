/** The wishes for a film when it is done, as typed in the composer, by their path in the request. */

type Typed = Readonly<Record<string, string>>;

const FINISH = "finish.";
export const STOP = "stopAfterFirstPass";

/** Of the request's settings. `offered`: the names that the mode has; without them it has all but the first pass. */
export function finishOf(typed: Typed, offered?: readonly { name: string }[]): Record<string, unknown> {
  const has = (name: string) => {
    const isKnown = offered ? offered.some((one) => one.name === name) : name !== STOP;
    return isKnown && (typed[name] ?? "") !== "" && typed[name] !== "off" && typed[name] !== "false";
  };
  const value = (name: string) => Number((typed[`${FINISH}${name}`] || "0").replace(",", "."));
  const [start, end] = ["trim.start", "trim.end"].map((name) => has(`${FINISH}${name}`));
  const finish = {
    ...(start || end
      ? { trim: { start: value("trim.start"), ...(end ? { end: value("trim.end") } : {}) } }
      : {}),
    ...Object.fromEntries(
      ["interpolate", "upscale"].flatMap((name) => has(`${FINISH}${name}`) ? [[name, value(name)]] : []),
    ),
    ...(has(`${FINISH}loudness`) ? { loudness: true } : {}),
  };
  return {
    ...(has(STOP) ? { [STOP]: true } : {}),
    ...(Object.keys(finish).length > 0 ? { finish } : {}),
  };
}

/** Another model than the mode's usual one; its name begins with the usual one's. */
export function templateOf({ template = "" }: Typed, usual: string): { template?: string } {
  return template.startsWith(usual) && template !== usual ? { template } : {};
}
