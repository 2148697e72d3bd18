/** One icon, drawn inline. It says nothing by itself: the words beside it, or the label of its button, do. */

export interface IconProps {
  /** An export of `icons.ts`. */
  of: string;
  class?: string;
}

export function Icon({ of, class: extra }: IconProps) {
  return (
    <svg
      class={extra ? `i ${extra}` : "i"}
      viewBox="0 0 24 24"
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: of }}
    />
  );
}
