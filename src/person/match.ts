import { type Comparison, compareProfiles, type EvidenceCode, evidenceOf } from './comparison.ts';
import type { PersonProfile } from './profile.ts';

/**
 * Grade of a link. Recognition offers results across `strong` links only: ID and name and birth date agree, or two
 * independent identifiers do, or the institution itself merged two of its records. `weak` links serve browsing.
 */
export type LinkGrade = 'strong' | 'weak';

/** What a rule says about a pair: link it, let a person review it, or keep it apart. */
export type PairOutcome = 'link' | 'review' | 'apart';

interface MatchRule {
  readonly code: string;
  readonly when: (comparison: Comparison) => boolean;
  readonly outcome: PairOutcome;
  readonly grade: LinkGrade;
}

/** The judgement on one pair with the rule that made it and what it saw. */
export interface PairJudgement {
  readonly rule: string;
  readonly outcome: PairOutcome;
  readonly grade: LinkGrade;
  readonly evidence: readonly EvidenceCode[];
}

const anyIdentifier = ({ agreeingSources, lifelong }: Comparison) =>
  agreeingSources.size > 0 || lifelong === 'agrees';
const nameAndBirthDate = ({ name, birthDate }: Comparison) => name === 'agrees' && birthDate === 'agrees';
const nameHolds = ({ name }: Comparison) => name === 'agrees' || name === 'similar';
const birthDateHolds = ({ birthDate }: Comparison) => birthDate === 'agrees' || birthDate === 'swapped';
const nothingAgainst = ({ name, birthDate, sex }: Comparison) =>
  name !== 'differs' && birthDate !== 'differs' && sex !== 'conflicts';
const sameBirth = ({ birthDate, sex }: Comparison) => birthDate === 'agrees' && sex !== 'conflicts';
const sameHousehold = ({ phone, address, mother }: Comparison) => phone || address || mother;

/**
 * The decision on a pair of source records as a table: the first row that applies wins. A wrong link shows one person
 * another's result, a missed one costs a repeated test: rows that keep apart therefore stand first, and name with
 * birth date alone never links (at ten million people thousands of strangers share both). A newborn's stand-in record
 * is joined with the named child by a person: until the second twin's record arrives nothing tells the first from it.
 */
export const MATCH_RULES: readonly MatchRule[] = [
  {
    code: 'anonymous-with-identifier',
    outcome: 'review',
    grade: 'weak',
    when: (c) => c.anonymous && anyIdentifier(c),
  },
  { code: 'anonymous', outcome: 'apart', grade: 'weak', when: (c) => c.anonymous },
  {
    code: 'two-national-ids-otherwise-one',
    outcome: 'review',
    grade: 'weak',
    when: (c) =>
      c.lifelong === 'differs' &&
      nameAndBirthDate(c) &&
      (anyIdentifier(c) || c.neighbouringNumbers || c.phone),
  },
  { code: 'two-national-ids', outcome: 'apart', grade: 'weak', when: (c) => c.lifelong === 'differs' },
  {
    code: 'siblings-of-one-birth',
    outcome: 'apart',
    grade: 'weak',
    when: (c) => c.birthOrder === 'differs' && c.birthDate === 'agrees',
  },
  {
    code: 'multiple-birth',
    outcome: 'review',
    grade: 'weak',
    when: (c) => c.multipleBirth && c.newborns > 0 && sameBirth(c) && sameHousehold(c),
  },
  {
    code: 'newborn-and-mother',
    outcome: 'apart',
    grade: 'weak',
    when: (c) => c.newborns === 1 && (c.birthDate === 'differs' || c.birthDate === 'unknown'),
  },
  {
    code: 'national-id-name-birth-date',
    outcome: 'link',
    grade: 'strong',
    when: (c) => c.lifelong === 'agrees' && nameAndBirthDate(c) && c.sex !== 'conflicts',
  },
  {
    code: 'two-independent-identifiers',
    outcome: 'link',
    grade: 'strong',
    when: (c) => c.agreeingSources.size >= 2 && nothingAgainst(c),
  },
  {
    code: 'identifier-name-birth-date',
    outcome: 'link',
    grade: 'strong',
    when: (c) => anyIdentifier(c) && nameAndBirthDate(c) && c.sex !== 'conflicts',
  },
  {
    code: 'newborn-with-identifier',
    outcome: 'link',
    grade: 'weak',
    when: (c) => c.newborns > 0 && anyIdentifier(c) && sameBirth(c),
  },
  {
    code: 'newborn-named-later',
    outcome: 'review',
    grade: 'weak',
    when: (c) => c.newborns === 1 && sameBirth(c) && c.sex === 'agrees' && sameHousehold(c),
  },
  {
    code: 'newborn-twice',
    outcome: 'review',
    grade: 'weak',
    when: (c) => c.newborns === 2 && sameBirth(c) && sameHousehold(c),
  },
  { code: 'newborn', outcome: 'apart', grade: 'weak', when: (c) => c.newborns > 0 },
  {
    code: 'national-id-with-slips-elsewhere',
    outcome: 'link',
    grade: 'weak',
    when: (c) => c.lifelong === 'agrees' && (nameHolds(c) || (c.name === 'unknown' && birthDateHolds(c))),
  },
  {
    code: 'identifier-with-slips-elsewhere',
    outcome: 'link',
    grade: 'weak',
    when: (c) => anyIdentifier(c) && nameHolds(c) && c.birthDate !== 'differs',
  },
  {
    code: 'identifier-and-birth-date-without-name',
    outcome: 'link',
    grade: 'weak',
    when: (c) =>
      anyIdentifier(c) && c.name === 'unknown' && c.birthDate === 'agrees' && c.sex !== 'conflicts',
  },
  {
    code: 'national-id-mistyped',
    outcome: 'link',
    grade: 'weak',
    when: (c) => c.lifelong === 'slip' && nameHolds(c) && birthDateHolds(c),
  },
  { code: 'identifier-against-the-rest', outcome: 'review', grade: 'weak', when: anyIdentifier },
  {
    code: 'name-birth-date-and-contact',
    outcome: 'link',
    grade: 'weak',
    when: (c) => nameAndBirthDate(c) && c.sex !== 'conflicts' && (c.phone || c.address),
  },
  {
    code: 'name-birth-date-and-contact-with-slips',
    outcome: 'review',
    grade: 'weak',
    when: (c) => nameHolds(c) && birthDateHolds(c) && (c.phone || c.address),
  },
  {
    code: 'name-and-birth-date',
    outcome: 'review',
    grade: 'weak',
    when: (c) => nameAndBirthDate(c) && c.sex !== 'conflicts',
  },
  { code: 'nothing-in-common', outcome: 'apart', grade: 'weak', when: () => true },
];

/** Judges one pair by the first row of {@link MATCH_RULES} that applies. */
export const judgePair = (comparison: Comparison): PairJudgement => {
  const rule = MATCH_RULES.find(({ when }) => when(comparison)) as MatchRule;
  return { rule: rule.code, outcome: rule.outcome, grade: rule.grade, evidence: evidenceOf(comparison) };
};

/** A stored source record that might be the same person. */
export interface Candidate<Id> {
  readonly id: Id;
  readonly profile: PersonProfile;
}

/** What to do about one candidate. */
export interface CandidateDecision<Id> extends PairJudgement {
  readonly id: Id;
}

/** Judges a record against each of its candidates. */
export const decideCandidates = <Id>(
  profile: PersonProfile,
  candidates: readonly Candidate<Id>[],
  sharedPhones: ReadonlySet<string>,
): CandidateDecision<Id>[] =>
  candidates.map((candidate) => ({
    id: candidate.id,
    ...judgePair(compareProfiles(profile, candidate.profile, sharedPhones)),
  }));
