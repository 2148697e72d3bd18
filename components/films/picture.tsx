/** A picture from the API: loaded when it comes near, never in the way of the words. */

export interface PictureProps {
  src: string;
  /** Empty where the words beside it say the same. */
  alt?: string;
  /** Stands above the fold: loaded at once. */
  eager?: boolean;
  /** In pixels, where its place is not known before it is there. */
  width?: number;
  height?: number;
}

/** The attribute keeps the build's id off the address: it is no file of the build. */
export function Picture({ src, alt = "", eager = false, width, height }: PictureProps) {
  return (
    <img
      src={src}
      alt={alt}
      width={width}
      height={height}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      data-fresh-disable-lock
    />
  );
}
