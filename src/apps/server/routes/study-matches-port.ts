import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { PlacedStudyList, StudyMatchList } from '../../../web/wire/study-match.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';

/** What is done with an entry of the worklist: given to a candidate, told to be nobody's of them, or either undone. */
export type MatchDecision =
  | { readonly kind: 'give'; readonly person: PublicId }
  | { readonly kind: 'apart' }
  | { readonly kind: 'undo' };

/** The worklist of studies that belong to nobody for now (待归属影像). */
export interface StudyMatches {
  list(actor: Actor, origin: CallOrigin): Promise<Result<StudyMatchList, Fault>>;
  /** Studies of the actor's institution that lie under a person, by 检查号 or study UID. */
  placed(actor: Actor, number: string, origin: CallOrigin): Promise<Result<PlacedStudyList, Fault>>;
  /**
   * 不是这位患者: takes a placed study from its person.
   *
   * @returns STUDY_MATCH_UNKNOWN, STUDY_MATCH_DECIDED
   */
  setApart(actor: Actor, study: PublicId, origin: CallOrigin): Promise<Result<StudyMatchList, Fault>>;
  /** @returns STUDY_MATCH_UNKNOWN, STUDY_MATCH_DECIDED, STUDY_MATCH_IMPOSSIBLE */
  decide(
    actor: Actor,
    match: PublicId,
    decision: MatchDecision,
    origin: CallOrigin,
  ): Promise<Result<StudyMatchList, Fault>>;
}
