/** Lets the words' field grow with them, once a person has touched it: before that its height is set, so that nothing jumps. */
import { type RefObject } from "preact";
import { useEffect } from "preact/hooks";

export function useGrowth(ref: RefObject<HTMLTextAreaElement>, text: string): void {
  useEffect(() => {
    const touch = () => ref.current?.classList.add("grows");
    ref.current?.addEventListener("focus", touch);
    return () => ref.current?.removeEventListener("focus", touch);
  }, []);
  useEffect(() => {
    const box = ref.current;
    if (!box?.classList.contains("grows") || CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }, [text]);
}
