import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { CheckMarkRow, CheckResponseRow } from '../../../adapters/postgres/order-checks.ts';
import { methodWords } from '../../../catalogue/index.ts';
import type { ConsentState } from '../../../consent/index.ts';
import { imagesKnown } from '../../../imaging/index.ts';
import type { Bilingual } from '../../../kernel/bilingual.ts';
import { civilDateText } from '../../../kernel/civil-day.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import {
  type Assessed,
  type DisclosedDecision,
  type DisclosedLine,
  disclosureOf,
  type ExistingResult,
  isRecognisable,
  type LineOutcome,
  offeredReasons,
  type OrderLine,
  type OrderSession,
  reasonRequired,
  resultsToRecognise,
  type Rules,
  type Search,
  shortReasons,
} from '../../../recognition/index.ts';
import type {
  OrderCheckAnswer,
  OrderCheckCandidate,
  OrderCheckLine,
} from '../../../web/wire/order-check-answer.ts';
import { checkTitle } from './check-title.ts';
import { flagAnswer, institutionAnswer, itemAnswer, momentAnswer } from '../present.ts';
import { areImagesClosed, countedImages } from '../results/present-images.ts';
import { lineResponse, recordSentence } from './response-state.ts';
import { type ResultValues, resultKey } from '../results/result-values.ts';

/** Everything an answer about one order check is made of. */
export interface CheckPresentation {
  readonly id: PublicId;
  readonly at: Instant;
  /** The decision as the institution that asked may see it. */
  readonly shown: DisclosedDecision;
  /** By which that is so. */
  readonly consent: ConsentState;
  readonly session: OrderSession;
  readonly ruling: Pick<RulingSnapshot, 'snapshot' | 'snapshotId'>;
  /** null when the person was not established. */
  readonly person: PublicId | null;
  readonly values: ResultValues;
  readonly responses: readonly CheckResponseRow[];
  readonly marks: readonly CheckMarkRow[];
  /** Why nothing was checked; null when it was. */
  readonly notChecked: Extract<Search, { kind: 'not-checked' }>['reason'] | null;
}

/** The sentence of a key, or its key where a list of sentences lacks it: an answer is never lost over a word. */
const sentenceOr = (rules: Rules, key: string): Bilingual => rules.sentenceOf(key) ?? { zh: key, en: key };

/** How far the images of a result had come when it was weighed. */
const imagesAnswer = (
  { images, imaging, identity, reporter }: Assessed['candidate'],
  reader: InstitutionCode,
): OrderCheckCandidate['images'] => {
  if (imaging === null) return null;
  const { announced } = imaging;
  const isShort = announced !== null && announced > imaging.received;
  const state = images === 'uploading' ? 'receiving' : isShort ? 'incomplete' : 'complete';
  const isClosed = areImagesClosed(identity === 'disputed', reporter, reader);
  return {
    state,
    ...countedImages(state, imaging.received, imagesKnown(imaging)),
    announced,
    ...(isClosed ? { closed: true } : {}),
  };
};

/** What a result says: a printed value, or what was found in an examination. */
export const valueAnswer = (
  { report, ordinal }: Pick<Assessed['candidate'], 'report' | 'ordinal'>,
  values: ResultValues,
): Pick<OrderCheckCandidate, 'value' | 'examination'> => {
  const value = values.get(resultKey(report, ordinal));
  if (!value || value.examination) return { value: null, examination: value?.examination ?? null };
  const { text, unitText: unit, referenceText, flag } = value;
  return { value: { text, unit, referenceText, flag: flagAnswer(flag) }, examination: null };
};

const candidateAnswer = (
  assessed: Assessed,
  line: DisclosedLine,
  rules: Rules,
  { session, values, consent }: CheckPresentation,
): OrderCheckCandidate => {
  const { candidate, verdict, own } = assessed;
  const zone = verdict.zone === null ? undefined : rules.zoneOf(verdict.zone);
  const quality = verdict.checks.find(
    ({ check, outcome }) => check === 'quality-basis' && outcome === 'pass',
  );
  const mark = quality?.data['mark'];
  const disclosure = disclosureOf(
    candidate,
    line.parts[0]?.part.order.purpose ?? null,
    { institution: session.institution },
    consent,
    rules,
  );
  return {
    report: candidate.report,
    ordinal: candidate.ordinal,
    reportVersion: candidate.reportVersion,
    item: itemAnswer(rules, candidate.item),
    grade: verdict.grade,
    zone: zone ? { code: zone.code, nameZh: zone.nameZh, nameEn: zone.nameEn } : null,
    own,
    standing: candidate.standing,
    ...valueAnswer(candidate, values),
    images: imagesAnswer(candidate, session.institution),
    institution: institutionAnswer(rules, candidate.reporter),
    performer:
      candidate.performer === candidate.reporter ? null : institutionAnswer(rules, candidate.performer),
    collectedAt: momentAnswer(candidate.collectedAt),
    collectedPrecision: candidate.collectedPrecision,
    reportedAt: momentAnswer(candidate.reportedAt),
    method: candidate.methodClass === null ? null : methodWords(candidate.methodClass),
    mark: typeof mark === 'string' ? mark : null,
    until: momentAnswer(verdict.until),
    reasons: [...shortReasons(verdict, rules)],
    recognisable: isRecognisable(assessed),
    disclosure: { basis: disclosure.basis, text: sentenceOr(rules, `disclosure.${disclosure.basis}`) },
  };
};

/** What a line shows the doctor: of every item the chosen result first, then the others on offer. */
export const shownOf = (line: DisclosedLine): readonly Assessed[] =>
  line.parts.flatMap(({ chosen, assessed }) => {
    const offered = assessed.filter((each) => each !== chosen && each.offer !== 'none');
    return line.panel === null ? [...(chosen ? [chosen] : []), ...offered] : chosen ? [chosen] : [];
  });

/** The results of another institution that carry a line's question, one for each of its items. */
const offeredOf = (line: DisclosedLine): readonly Assessed[] =>
  line.parts.flatMap(({ outcome, chosen }) => (outcome === 'recognisable' && chosen ? [chosen] : []));

const isRecognisedByRule = ({ verdict }: Assessed): boolean => verdict.grade === 'must-consider';

const outcomeAnswer = (line: DisclosedLine): OrderCheckLine['outcome'] => {
  const offered = offeredOf(line);
  const best =
    offered.find(isRecognisedByRule) ?? offered[0] ?? line.parts.find(({ chosen }) => chosen)?.chosen;
  const grade = best?.verdict.grade;
  const graded = grade === undefined || grade === 'excluded' ? 'view-only' : grade;
  const words: Readonly<Record<LineOutcome, OrderCheckLine['outcome']>> = {
    recognisable: graded,
    'partly-recognisable': graded,
    'reference-only': graded,
    'own-recent': 'own-institution',
    silent: 'silent',
    'nothing-found': 'nothing-found',
    'not-checked': 'not-checked',
    unmapped: 'unmapped',
    'consent-needed': 'consent-needed',
    'not-disclosed': 'not-disclosed',
  };
  return words[line.outcome];
};

const panelAnswer = (line: DisclosedLine, rules: Rules): OrderCheckLine['panel'] => {
  const { panel } = line;
  if (panel === null) return null;
  const toConsider = new Set(
    offeredOf(line).flatMap(({ candidate, verdict }) =>
      verdict.grade === 'may-consider' ? [candidate.item] : [],
    ),
  );
  const shown = new Map(
    line.parts.flatMap(({ part, chosen }) => (chosen ? [[part.order.item, chosen.verdict.grade]] : [])),
  );
  return {
    nameZh: panel.definition.nameZh,
    covered: panel.covered.length,
    mayConsider: panel.covered.filter((item) => toConsider.has(item)).length,
    total: panel.required,
    missing: panel.missing.map(({ item, single }) => ({
      item: itemAnswer(rules, item),
      single,
      grade: shown.get(item) ?? null,
    })),
    advice: panel.advice === 'nothing-to-order' ? 'all-covered' : panel.advice,
  };
};

const SAID_PLAINLY: ReadonlySet<LineOutcome> = new Set([
  'silent',
  'unmapped',
  'not-disclosed',
  'nothing-found',
]);

/** Everything that is told before consent, in one text: systems that show text only have nothing else. */
const existingNotice = (existing: OrderCheckLine['existing']): Bilingual => {
  const said = [...new Map(existing.map(({ text }) => [text.zh, text])).values()];
  return { zh: said.map(({ zh }) => zh).join('；'), en: said.map(({ en }) => en).join('; ') };
};

const noticeOf = (
  line: DisclosedLine,
  rules: Rules,
  notChecked: CheckPresentation['notChecked'],
  existing: OrderCheckLine['existing'],
): Bilingual | null => {
  if (line.quiet !== null) return sentenceOr(rules, `quiet.${line.quiet}`);
  // A line of a search that was made is not checked only where the person is known by record numbers alone.
  if (line.outcome === 'not-checked')
    return sentenceOr(rules, `not-checked.${notChecked ?? 'person-not-established'}`);
  if (line.outcome === 'consent-needed') return existingNotice(existing);
  return SAID_PLAINLY.has(line.outcome) ? sentenceOr(rules, `outcome.${line.outcome}`) : null;
};

/** Local name of what was ordered: as stated, else by the institution's own lists, else the code. */
export const orderedName = (ordered: OrderLine | undefined, session: OrderSession, rules: Rules): string => {
  if (ordered?.name) return ordered.name;
  const code = ordered?.localCode;
  if (code === undefined) return ordered?.item === undefined ? '' : itemAnswer(rules, ordered.item).nameZh;
  return (
    rules.panelOf(session.institution, code)?.nameZh ??
    rules.codeMapOf(session.institution).get(code)?.localNameZh ??
    code
  );
};

/** The national reasons for examining again. A line that shows no earlier result has nothing to give a reason against. */
const reasonsAnswer = (rules: Rules, prefilled: string | null): OrderCheckLine['offeredReasons'] =>
  rules.reasons.national.map(({ code, text, textMinimum }) => ({
    code,
    text,
    textMinimum,
    suggested: code === prefilled,
  }));

/** That a like result exists: where, when and of what. */
const existingAnswer = (
  { item, institution, collectedAt, collectedPrecision, isWithdrawn }: ExistingResult,
  rules: Rules,
): OrderCheckLine['existing'][number] => {
  const at = institutionAnswer(rules, institution);
  const day = collectedAt === null ? '' : civilDateText(collectedAt);
  const { zh, en } = sentenceOr(rules, isWithdrawn ? 'existing.withdrawn' : 'existing.result');
  const filled = (text: string, name: string): string =>
    text.replace('{institution}', name).replace('{date}', day).replace('  ', ' ');
  return {
    item: itemAnswer(rules, item),
    institution: at,
    collectedAt: momentAnswer(collectedAt),
    collectedPrecision,
    text: { zh: filled(zh, at.nameZh), en: filled(en, at.nameEn) },
  };
};

const lineAnswer = (
  line: DisclosedLine,
  index: number,
  rules: Rules,
  check: CheckPresentation,
): OrderCheckLine => {
  const ordered = check.session.lines[index];
  const number = ordered?.line ?? index + 1;
  const offered = offeredReasons(line, rules.reasons);
  const item = line.panel === null ? line.parts[0]?.part.order.item : undefined;
  const existing = line.parts.flatMap((part) => part.existing.map((each) => existingAnswer(each, rules)));
  const candidates = shownOf(line).map((assessed) => candidateAnswer(assessed, line, rules, check));
  return {
    line: number,
    code: ordered?.localCode ?? ordered?.item ?? '',
    name: orderedName(ordered, check.session, rules),
    item: item === undefined ? null : itemAnswer(rules, item),
    outcome: outcomeAnswer(line),
    interrupts: line.interrupts,
    quiet: line.quiet,
    notice: noticeOf(line, rules, check.notChecked, existing),
    panel: panelAnswer(line, rules),
    candidates,
    existing,
    offeredReasons: candidates.length > 0 ? reasonsAnswer(rules, offered.prefilled) : [],
    offeredSubReasons: offered.subReasons.flatMap((code) => {
      const found = rules.reasons.subReasons.find((sub) => sub.code === code);
      return found ? [{ code, text: found.text, opensTicket: found.opensTicket }] : [];
    }),
    reasonRequired: reasonRequired(line, rules),
    recordText: recordSentence(resultsToRecognise(line), line, rules, check.values),
    response: lineResponse(number, check.responses, line, rules, check.values),
  };
};

/**
 * What has happened since to reports that are shown. Of one that a recognition rests on the doctor is told even where the
 * patient has taken the consent back meanwhile: who relied on it must look again.
 */
const marksToShow = ({ marks, shown }: CheckPresentation): readonly CheckMarkRow[] => {
  const reports = new Set<string>(
    shown.lines.flatMap(({ parts }) =>
      parts.flatMap(({ assessed }) => assessed.map(({ candidate }) => candidate.report)),
    ),
  );
  return marks.filter(({ relied, report_public_id }) => relied || reports.has(report_public_id));
};

/** The answer to an order check, as the actor's institution may see it. */
export const presentCheck = (check: CheckPresentation): OrderCheckAnswer => {
  const rules = check.ruling.snapshot.rulesAt(check.at);
  const { shown } = check;
  const isChecked = check.notChecked === null;
  return {
    id: check.id,
    checkedAt: momentAnswer(check.at) as string,
    snapshot: check.ruling.snapshotId,
    status: isChecked ? 'checked' : 'not-checked',
    notice: isChecked ? null : sentenceOr(rules, `not-checked.${check.notChecked}`),
    person: check.person,
    encounterClass: check.session.encounterClass,
    interrupt: shown.interrupts,
    title: checkTitle(
      shown.lines.map((line) => ({
        outcome: line.outcome,
        shown: outcomeAnswer(line),
        quiet: line.quiet,
      })),
      shown.interrupts,
      (key) => sentenceOr(rules, key),
    ),
    drill: rules.drill,
    lines: shown.lines.map((line, index) => lineAnswer(line, index, rules, check)),
    marks: marksToShow(check).map(({ report_public_id, report_version, kind, relied, marked_at }) => ({
      report: report_public_id,
      reportVersion: report_version,
      kind: kind as OrderCheckAnswer['marks'][number]['kind'],
      relied,
      markedAt: momentAnswer(marked_at) as string,
    })),
  };
};
