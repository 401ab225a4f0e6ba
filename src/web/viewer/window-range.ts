/**
 * Values that a window shows as black and as white.
 *
 * @param isExact LINEAR_EXACT (PS3.3 C.11.2.1.3.2), else LINEAR (C.11.2.1.2.1), which SIGMOID is told by as well
 */
export const windowRange = (
  centre: number,
  width: number,
  isExact: boolean,
): readonly [lower: number, upper: number] =>
  isExact
    ? [centre - width / 2, centre + width / 2]
    : [centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2];

/** The window of such values, as a header would state it; nulls: there is none. */
export const windowOfRange = (
  range: { readonly lower: number; readonly upper: number } | null,
  isExact: boolean,
): { readonly centre: number | null; readonly width: number | null } => {
  if (!range) return { centre: null, width: null };
  const more = isExact ? 0 : 1;
  return { centre: (range.lower + range.upper + more) / 2, width: range.upper - range.lower + more };
};
