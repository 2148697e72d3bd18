/** A picture from the API: loaded when it comes near, never in the way of the words. */

export interface PictureProps {
  src: string;
  /** Empty where the words beside it say the same. */
  alt?: string;
  /** Stands above the fold: loaded at once. */
  eager?: boolean;
}

/** The attribute keeps the build's id off the address: it is no file of the build. */
export function Picture({ src, alt = "", eager = false }: PictureProps) {
  return (
    <img
      src={src}
      alt={alt}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      data-fresh-disable-lock
    />
  );
}
