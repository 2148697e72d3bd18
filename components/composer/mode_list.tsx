/** Every further mode by family, each with what it does in one line. Its links work without a script. */
import { familyName } from "@/core/mode_names.ts";
import { isLong, modeId } from "@/core/modes.ts";
import type { OfferedMode } from "@/core/offer.ts";
import { Icon } from "@/components/icon.tsx";
import { film, frameForward, image, loop, mic, music, user, wand } from "@/components/icons.ts";

const ICONS: Record<string, string> = { film, frameForward, image, loop, mic, music, user, wand };

interface ModeListProps {
  modes: readonly OfferedMode[];
  /** The one that is chosen. */
  mode: string;
  choose?(mode: string): void;
}

export function ModeList({ modes, mode, choose }: ModeListProps) {
  const families = Map.groupBy(modes.filter((one) => !isLong(one.mode)), (one) => one.mode);
  return (
    <div class="families">
      {[...families].map(([family, members]) => (
        <div key={family}>
          <h2>{familyName(family)}</h2>
          <ul class="plain">
            {members.map((one) => {
              const id = modeId(one);
              return (
                <li key={id}>
                  <a
                    class="action"
                    href={`/jobs/new?mode=${encodeURIComponent(id)}`}
                    aria-current={id === mode ? "true" : undefined}
                    data-closes
                    onClick={(event) => {
                      if (!choose || event.ctrlKey || event.metaKey) return;
                      event.preventDefault();
                      choose(id);
                    }}
                  >
                    <Icon of={ICONS[one.icon] ?? film} />
                    <span>
                      {one.name}
                      <small>{one.description}</small>
                    </span>
                  </a>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </div>
  );
}
