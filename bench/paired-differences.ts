/** Differences of pairs of measurements that were taken in turns, in the unit of the measurements. */
export interface PairedDifferences {
  readonly pairs: number;
  readonly median: number;
  /** Bounds between which the true median lies with 95 % confidence, whatever the distribution. */
  readonly from: number;
  readonly to: number;
  /** Share of pairs whose first was the greater; 0.5 where the two are alike. */
  readonly greaterShare: number;
  /** 95 % bounds of that share. */
  readonly shareFrom: number;
  readonly shareTo: number;
}

/** Normal quantile of a two-sided 95 % interval. */
const Z = 1.96;

/**
 * What pairs of measurements say about their difference. The interval of the median is made of order statistics (binomial,
 * by its normal approximation), that of the share is Wilson's: neither assumes how times are distributed.
 */
export const pairedDifferences = (first: readonly number[], second: readonly number[]): PairedDifferences => {
  const differences = first.map((value, place) => value - (second[place] as number));
  const sorted = differences.toSorted((left, right) => left - right);
  const pairs = sorted.length;
  if (pairs === 0 || first.length !== second.length) throw new RangeError('pairs are of equal number');
  const at = (place: number): number => sorted[Math.min(pairs - 1, Math.max(0, place))] as number;
  const spread = (Z * Math.sqrt(pairs)) / 2;
  const greater = differences.reduce(
    (total, difference) => total + (difference > 0 ? 1 : difference === 0 ? 0.5 : 0),
    0,
  );
  const share = greater / pairs;
  const centre = (share + Z ** 2 / (2 * pairs)) / (1 + Z ** 2 / pairs);
  const half =
    (Z * Math.sqrt((share * (1 - share)) / pairs + Z ** 2 / (4 * pairs ** 2))) / (1 + Z ** 2 / pairs);
  return {
    pairs,
    median: (at(Math.floor((pairs - 1) / 2)) + at(Math.ceil((pairs - 1) / 2))) / 2,
    from: at(Math.floor(pairs / 2 - spread)),
    to: at(Math.ceil(pairs / 2 + spread) - 1),
    greaterShare: share,
    shareFrom: centre - half,
    shareTo: centre + half,
  };
};
