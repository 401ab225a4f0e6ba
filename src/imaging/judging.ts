import { bodyRegionsOf } from '../catalogue/index.ts';
import type { ExaminedPart, ImageJudgement, ImageShortfall, ImageStack, StudyImages } from './fitness.ts';
import type { ContrastPhase } from './image-words.ts';

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

/** Collects what images lack and what cannot be told of them, and by which row. */
export class Judging implements ImageJudgement {
  readonly failures: ImageShortfall[] = [];
  readonly notStated: ImageShortfall[] = [];
  failedRow: number | null = null;
  notStatedRow: number | null = null;
  /** Place of the row that is being asked; null before the first. */
  row: number | null = null;
  /** What the stack is wanted for that is being asked. */
  within: ImageShortfall['within'];

  /** `isMet` null: nobody can tell. */
  private say(isMet: boolean | null, shortfall: ImageShortfall, row = this.row): void {
    if (isMet === true) return;
    const list = isMet === null ? this.notStated : this.failures;
    if (isMet === null) this.notStatedRow = earlier(this.notStatedRow, row);
    else this.failedRow = earlier(this.failedRow, row);
    const said = this.within === undefined ? shortfall : { ...shortfall, within: this.within };
    if (!list.some((one) => one.kind === said.kind && one.asked === said.asked && one.within === said.within))
      list.push(said);
  }

  /** Takes over what another one says. */
  absorb({ failures, notStated, failedRow, notStatedRow }: ImageJudgement): void {
    for (const shortfall of failures) this.say(false, shortfall, failedRow);
    for (const shortfall of notStated) this.say(null, shortfall, notStatedRow);
  }

  /** A ratio that nobody states is more than lossless allows. @param asked greatest ratio */
  lossless(images: Pick<ImageStack, 'isLossy' | 'lossyRatio'>, asked: number | undefined): void {
    const { isLossy, lossyRatio: found } = images;
    if (asked === undefined || isLossy === false) return;
    const isMet = isLossy === null ? null : found === null ? (asked <= 1 ? false : null) : found <= asked;
    this.say(isMet, { kind: 'lossy', found, asked });
  }

  atMost(kind: ImageShortfall['kind'], found: number | null, asked: number | undefined): void {
    if (asked !== undefined) this.say(found === null ? null : found <= asked, { kind, found, asked });
  }

  atLeast(kind: ImageShortfall['kind'], found: number | null, asked: number | undefined): void {
    if (asked !== undefined) this.say(found === null ? null : found >= asked, { kind, found, asked });
  }

  /** Each of the asked ones is among the found; where nothing is stated at all, nobody can tell. */
  each(kind: ImageShortfall['kind'], found: readonly string[], asked: readonly string[] = []): void {
    for (const one of asked)
      this.say(found.length === 0 ? null : found.includes(one), {
        kind,
        found: found.length === 0 ? null : found,
        asked: one,
      });
  }

  fail(shortfall: ImageShortfall): void {
    this.say(false, shortfall);
  }

  unknown(shortfall: ImageShortfall): void {
    this.say(null, shortfall);
  }
}

/** As versions before 4 did: what no header states passes. */
export const judgeStatedPart = (
  judging: Judging,
  facts: StudyImages,
  { bodyPartZh, side }: ExaminedPart,
): void => {
  const regions = bodyPartZh === null ? new Set<string>() : bodyRegionsOf(bodyPartZh);
  if (facts.regions.length > 0 && regions.size > 0 && !facts.regions.some((region) => regions.has(region)))
    judging.fail({ kind: 'region', found: facts.regions, asked: bodyPartZh });
  if (side === null || facts.side === null || facts.side === side || facts.side === 'both') return;
  if (facts.side === 'unclear') judging.unknown({ kind: 'side', found: 'unclear', asked: side });
  else judging.fail({ kind: 'side', found: facts.side, asked: side });
};

/**
 * What the images show against what was examined. Of a part that has sides, the part and the side must be stated: two knees look
 * alike.
 */
export const judgePart = (judging: Judging, facts: StudyImages, examined: ExaminedPart): void => {
  judgeStatedPart(judging, facts, examined);
  const { bodyPartZh, side } = examined;
  if (side === null) return;
  if (facts.side === null) judging.unknown({ kind: 'side', found: null, asked: side });
  if (facts.regions.length === 0 && bodyPartZh !== null && bodyRegionsOf(bodyPartZh).size > 0)
    judging.unknown({ kind: 'region', found: null, asked: bodyPartZh });
};

/** `enhanced` is among the phases of everything after the contrast medium. */
export const withEnhanced = (phases: readonly ContrastPhase[]): readonly ContrastPhase[] =>
  phases.some((phase) => phase !== 'plain') ? [...phases, 'enhanced'] : phases;
