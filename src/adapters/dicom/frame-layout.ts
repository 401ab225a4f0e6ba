/** A rectangle of a frame, in its pixels from its upper left corner on (PS3.18 8.3.5.1.3), and how it is turned over. */
export interface Region {
  readonly left: number;
  readonly top: number;
  /** null: up to the right edge. */
  readonly width: number | null;
  /** null: down to the lower edge. */
  readonly height: number | null;
  /** Left for right. */
  readonly isMirrored: boolean;
  /** Top for bottom. */
  readonly isUpsideDown: boolean;
}

/** Pixels of a picture, and which pixel of the frame stands at each. */
export interface Shape {
  readonly width: number;
  readonly height: number;
  readonly sourceOf: (x: number, y: number) => number;
}

/** A picture that is larger than what was drawn: for its columns and rows where they lie in that, in its pixels. */
export interface Enlargement {
  readonly width: number;
  readonly height: number;
  readonly across: (x: number) => number;
  readonly down: (y: number) => number;
}

/** How a frame is drawn, and what is made of that. */
export interface Layout {
  readonly shape: Shape;
  /** null: what is drawn is the picture. */
  readonly enlargement: Enlargement | null;
}

/** What of a frame is drawn, and how large at most. */
export interface LayoutWish {
  readonly widthMax: number | null;
  readonly heightMax: number | null;
  readonly isEnlarged?: boolean;
  readonly region?: Region;
}

interface Extent {
  readonly from: number;
  readonly length: number;
}

/** What lies within the frame of a stretch; undefined: nothing. */
const within = (from: number, length: number | null, side: number): Extent | undefined => {
  const end = Math.min(side, length === null ? side : from + length);
  return end > from && from < side ? { from, length: end - from } : undefined;
};

/** From a place in the picture (a column or a row, from its middle) to one in the frame. */
const placing =
  ({ from, length }: Extent, shown: number, isTurned: boolean) =>
  (at: number): number =>
    from + (((isTurned ? shown - 1 - at : at) + 0.5) * length) / shown;

/**
 * Lays a frame out as a picture. Pixels of a picture are square: where those of the frame are not, its longer way is drawn in
 * fewer. A region is cut off at the edges of the frame.
 *
 * @param pixelAspect height of a pixel of the frame by its width
 * @returns undefined where the region lies beside the frame
 */
export const laidOut = (
  { width, height }: { readonly width: number; readonly height: number },
  { widthMax, heightMax, isEnlarged = false, region }: LayoutWish,
  pixelAspect: number,
): Layout | undefined => {
  const columns = within(region?.left ?? 0, region?.width ?? null, width);
  const rows = within(region?.top ?? 0, region?.height ?? null, height);
  if (!columns || !rows) return undefined;
  const [wide, high] =
    pixelAspect > 1
      ? [columns.length / pixelAspect, rows.length]
      : [columns.length, rows.length * pixelAspect];
  const fitting = Math.min(
    (widthMax ?? Number.POSITIVE_INFINITY) / wide,
    (heightMax ?? Number.POSITIVE_INFINITY) / high,
  );
  const scale = isEnlarged && Number.isFinite(fitting) ? fitting : Math.min(1, fitting);
  const shown = {
    width: Math.max(1, Math.round(wide * scale)),
    height: Math.max(1, Math.round(high * scale)),
  };
  const across = placing(columns, shown.width, region?.isMirrored ?? false);
  const down = placing(rows, shown.height, region?.isUpsideDown ?? false);
  if (shown.width <= columns.length && shown.height <= rows.length) {
    const column = (x: number) => Math.min(width - 1, Math.floor(across(x)));
    const row = (y: number) => Math.min(height - 1, Math.floor(down(y)));
    return {
      shape: { ...shown, sourceOf: (x, y) => row(y) * width + column(x) },
      enlargement: null,
    };
  }
  const left = Math.floor(columns.from);
  const top = Math.floor(rows.from);
  return {
    shape: {
      width: Math.min(width, Math.ceil(columns.from + columns.length)) - left,
      height: Math.min(height, Math.ceil(rows.from + rows.length)) - top,
      sourceOf: (x, y) => (top + y) * width + left + x,
    },
    // A pixel's value is that of its middle.
    enlargement: { ...shown, across: (x) => across(x) - left - 0.5, down: (y) => down(y) - top - 0.5 },
  };
};

/** The two pixels between which a place lies, and how far it is from the first. */
const between = (place: number, side: number) => {
  const first = Math.max(0, Math.min(side - 1, Math.floor(place)));
  return { first, second: Math.min(side - 1, first + 1), part: Math.max(0, Math.min(1, place - first)) };
};

/** A larger picture of what was drawn, each pixel between the four around it. */
export const enlarged = (
  drawn: Uint8Array,
  componentCount: 1 | 3,
  { width, height }: { readonly width: number; readonly height: number },
  to: Enlargement,
): Uint8Array => {
  const made = new Uint8Array(to.width * to.height * componentCount);
  const columns = Array.from({ length: to.width }, (_, x) => between(to.across(x), width));
  let target = 0;
  for (let y = 0; y < to.height; y++) {
    const row = between(to.down(y), height);
    for (const column of columns)
      for (let component = 0; component < componentCount; component++) {
        const at = (line: number, place: number): number =>
          drawn[(line * width + place) * componentCount + component] as number;
        const upper =
          at(row.first, column.first) * (1 - column.part) + at(row.first, column.second) * column.part;
        const lower =
          at(row.second, column.first) * (1 - column.part) + at(row.second, column.second) * column.part;
        made[target++] = Math.round(upper * (1 - row.part) + lower * row.part);
      }
  }
  return made;
};
