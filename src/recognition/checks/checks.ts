import type { Check, CheckFacts, ZoneFacts } from './check.ts';
import { collectionConditionFits } from './collection-condition-fits.ts';
import { commonZoneListsItem, type ZoneChoiceFacts } from './common-zone-lists-item.ts';
import { final } from './final.ts';
import { identityEstablished } from './identity-established.ts';
import { imagesFit, imagesFit2, imagesFit3, imagesFit4 } from './images-fit.ts';
import { imagesFit1 } from './images-fit-1.ts';
import { institutionListed } from './institution-listed.ts';
import { listsPublished } from './lists-published.ts';
import { methodComparable } from './method-comparable.ts';
import { notExempt } from './not-exempt.ts';
import { notOutOfScope } from './not-out-of-scope.ts';
import { preconditionHolds } from './precondition-holds.ts';
import { qualityBasis } from './quality-basis.ts';
import { reportStands } from './report-stands.ts';
import { sameItem } from './same-item.ts';
import { sameSideAndBodyPart } from './same-side-and-body-part.ts';
import { sameSpecimen } from './same-specimen.ts';
import { specimenSound } from './specimen-sound.ts';
import { tierDirectionAllows } from './tier-direction.ts';
import { withinWindow } from './within-window.ts';

/**
 * The checks in the order in which a verdict lists them. The first seven ask about the result itself; the eighth finds
 * the zone; the others ask what that zone's lists say. Where no zone has the item the last eleven are not made.
 */

/** Is it this patient's, does it stand, is it the same examination, can it be compared? */
export const RESULT_CHECKS: readonly Check<CheckFacts>[] = [
  /*  1 */ identityEstablished,
  /*  2 */ reportStands,
  /*  3 */ sameItem,
  /*  4 */ sameSpecimen,
  /*  5 */ sameSideAndBodyPart,
  /*  6 */ final,
  /*  7 */ methodComparable,
];

/** Which zone's lists apply? */
export const ZONE_CHOICE: Check<ZoneChoiceFacts> = commonZoneListsItem; /* 8 */

/** What do the lists of that zone say? */
export const ZONE_CHECKS: readonly Check<ZoneFacts>[] = [
  /*  9 */ imagesFit,
  /* 10 */ specimenSound,
  /* 11 */ collectionConditionFits,
  /* 12 */ institutionListed,
  /* 13 */ tierDirectionAllows,
  /* 14 */ notOutOfScope,
  /* 15 */ withinWindow,
  /* 16 */ preconditionHolds,
  /* 17 */ qualityBasis,
  /* 18 */ notExempt,
  /* 19 */ listsPublished,
];

/** What version 1 of the evaluator asked of the lists of a zone. */
export const ZONE_CHECKS_1: readonly Check<ZoneFacts>[] = ZONE_CHECKS.map((check) =>
  check === imagesFit ? imagesFit1 : check,
);

/** What version 2 asked. */
export const ZONE_CHECKS_2: readonly Check<ZoneFacts>[] = ZONE_CHECKS.map((check) =>
  check === imagesFit ? imagesFit2 : check,
);

/** What version 3 asked. */
export const ZONE_CHECKS_3: readonly Check<ZoneFacts>[] = ZONE_CHECKS.map((check) =>
  check === imagesFit ? imagesFit3 : check,
);

/** What version 4 asked. */
export const ZONE_CHECKS_4: readonly Check<ZoneFacts>[] = ZONE_CHECKS.map((check) =>
  check === imagesFit ? imagesFit4 : check,
);

/** Code and findings of every check, in order: for the explanation, the stored record and the tests of the tables. */
export const ALL_CHECKS: readonly Pick<Check<never>, 'code' | 'findings'>[] = [
  ...RESULT_CHECKS,
  ZONE_CHOICE,
  ...ZONE_CHECKS,
];
