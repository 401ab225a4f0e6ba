import { readDisputedReports } from '../../../adapters/postgres/corrections.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { memberOf, textOf } from '../../../adapters/postgres/report-content-fields.ts';
import {
  type ReportReading,
  readReportByPublicId,
  readVersionsOf,
} from '../../../adapters/postgres/report-reading.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import type { CareBasis } from '../../../access/index.ts';
import type { ItemCode } from '../../../catalogue/index.ts';
import type { ConsentState } from '../../../consent/index.ts';
import type { JsonValue } from '../../../kernel/canonical-json.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { basisText, type Disclosure, type Rules } from '../../../recognition/index.ts';
import type { ObservationContent, Standing } from '../../../result/index.ts';
import type { ReportAnswer } from '../../../web/wire/order-check-answer.ts';
import type { CheckFlows } from '../../server/flows-port.ts';
import type { ObjectKey } from '../../../adapters/objects/file-objects.ts';
import { careBasisOf } from '../care.ts';
import {
  auditOf,
  emergencyDoctor,
  type FlowDependencies,
  flowFault,
  orderingInstitution,
} from '../dependencies.ts';
import { consentOfPerson } from '../consent/consent-state.ts';
import { isTitleDisclosed, lineDisclosure, type LineReader, shownTitle } from './line-disclosure.ts';
import { flagAnswer, institutionAnswer, momentAnswer } from '../present.ts';
import { areImagesClosed, imagesOfReport } from './present-images.ts';
import { opinionsOf } from './present-opinions.ts';
import { attachmentsOf, isAttachment, reportMarks, versionsAnswer } from './report-details.ts';

const wordOf = (value: JsonValue | undefined): string | null => textOf(value) || null;

const observationAnswer = (
  observation: ObservationContent,
  index: number,
  reportStanding: Standing,
): ReportAnswer['observations'][number] => {
  const { stated, read } = observation;
  const standing = observation.standing ?? reportStanding;
  const isError = standing === 'entered-in-error';
  return {
    ordinal: observation.ordinal ?? index + 1,
    code: textOf(memberOf(stated['code'], 'code')),
    name: textOf(memberOf(stated['code'], 'text')),
    value: {
      text: isError ? '' : textOf(memberOf(stated['value'], 'text')),
      unit: textOf(stated['unit']),
      referenceText: textOf(stated['reference']),
      flag: isError ? null : flagAnswer(textOf(read['flag']) || null),
    },
    method: wordOf(memberOf(stated['method'], 'text')),
    standing,
  };
};

/** Key of no person: what is read for a report that is not there. */
const NOBODY = '0';

/** Source of a report whose institution no list names: never shown as the reader's own. */
const UNKNOWN_SOURCE = 'UNKNOWN' as InstitutionCode;

/** Item of a line as the code map of its institution reads it by now, else as it was read when it came in. */
const itemOf = (
  { stated, read }: ObservationContent,
  source: InstitutionCode,
  rules: Rules,
): ItemCode | null =>
  rules.codeMapOf(source).get(textOf(memberOf(stated['code'], 'code')))?.item ??
  (wordOf(read['item']) as ItemCode | null);

/** A report that a reader opens. */
interface Opening {
  readonly source: InstitutionCode;
  readonly reader: LineReader;
  readonly consent: ConsentState;
  readonly rules: Rules;
  readonly title: string;
}

/** How much of a line of a report is shown to a reader who opens the report by itself. */
const disclosureIn = (observation: ObservationContent, opening: Opening): Disclosure => {
  const { source, title, rules } = opening;
  const { stated, read } = observation;
  const readAs = wordOf(read['item']) as ItemCode | null;
  const line = {
    items: [readAs ?? undefined, itemOf(observation, source, rules) ?? undefined],
    localName: textOf(memberOf(stated['code'], 'text')),
    title,
    performer: source,
    reporter: source,
  };
  return lineDisclosure(line, opening.reader, opening.consent, rules);
};

/** A report that a reader may see at least a part of. */
export interface VisibleReport {
  readonly reader: LineReader;
  readonly reading: ReportReading;
  readonly rules: Rules;
  readonly ruling: RulingSnapshot;
  readonly opening: Opening;
  readonly source: InstitutionCode;
  /** By what the reader's institution treats the patient; null where it does not, or reads its own report. */
  readonly care: CareBasis | null;
  /** On what the report is shown. */
  readonly basis: Disclosure['basis'];
  /** The same as the audit row carries it. */
  readonly basisText: string;
  /** For each observation in order whether it may be shown. */
  readonly visible: readonly boolean[];
  /** Whether what speaks of the report as a whole may be shown: its free text and its documents. */
  readonly isWhole: boolean;
  /** Whether its images open: of a report that is shown whole, and that nobody says is another person's. */
  readonly showsImages: boolean;
  /** Whether somebody says that it is another person's and its source has not answered. */
  readonly isDisputed: boolean;
}

/** How much of each line of a report may be shown, and of the report where it has no lines. */
const disclosuresOf = (
  { content: { observations }, title }: ReportReading,
  opening: Opening,
): readonly [Disclosure, ...Disclosure[]] => {
  const { source } = opening;
  const [first, ...others] = observations.map((one) => disclosureIn(one, opening));
  const whole = { items: [], localName: title, title, performer: source, reporter: source };
  return first === undefined
    ? [lineDisclosure(whole, opening.reader, opening.consent, opening.rules)]
    : [first, ...others];
};

/** All that decides what a reader sees of a report, besides the report. */
export interface ReportJudging {
  readonly reader: LineReader;
  readonly consent: ConsentState;
  /** By what the reader's institution treats the patient. */
  readonly care: CareBasis | null;
  /** Reports that somebody says are another person's. */
  readonly disputed: ReadonlySet<PublicId>;
  readonly ruling: RulingSnapshot;
  readonly at: Instant;
}

/** What of a report a reader may see; `existence`: that it is there; undefined: not even that. */
export const judgeReport = (
  reading: ReportReading,
  { reader, consent, care, disputed, ruling, at }: ReportJudging,
): VisibleReport | 'existence' | undefined => {
  const rules = ruling.snapshot.rulesAt(at);
  const source = ruling.registry.institutionCode(reading.institutionKey) ?? UNKNOWN_SOURCE;
  // What an institution reported itself is its own record; of others it opens what belongs to somebody it treats.
  if (reader.institution !== null && reader.institution !== source && care === null) return undefined;
  const { title, standing } = reading;
  const opening: Opening = { source, reader, title, consent, rules };
  const disclosures = disclosuresOf(reading, opening);
  const basis = disclosures.find(({ level }) => level === 'content');
  if (!basis) return disclosures.some(({ level }) => level === 'existence') ? 'existence' : undefined;
  const visible = reading.content.observations.map((_, index) => disclosures[index]?.level === 'content');
  // What was entered in error may be another person's, whole.
  const isWhole =
    isTitleDisclosed(title, source, reader, rules) &&
    visible.every(Boolean) &&
    standing !== 'entered-in-error';
  const isDisputed = disputed.has(reading.publicId);
  return {
    reader,
    reading,
    rules,
    ruling,
    opening,
    source,
    care,
    basis: basis.basis,
    basisText: basisText(disclosures, reader, consent, rules),
    visible,
    isWhole,
    showsImages: isWhole && !areImagesClosed(isDisputed, source, reader.institution),
    isDisputed,
  };
};

/**
 * Finds a report for a reader. Of a report with nothing in it to show not even that it exists is told, and the same is
 * read whether or not it does.
 *
 * @returns undefined when there is none, or none to show
 * @throws CONSENT_NEEDED where the patient has yet to agree
 */
export const findVisibleReport = async (
  { database, snapshots }: FlowDependencies,
  reader: LineReader,
  id: PublicId,
  at: Instant,
): Promise<VisibleReport | undefined> => {
  const [reading, ruling] = await Promise.all([readReportByPublicId(database, id), snapshots.current()]);
  const [consent, cluster, disputed] = await Promise.all([
    consentOfPerson(database, reading?.personId, ruling.registry, at, reader.doctor ?? null),
    clusterOf(database, reading?.personId ?? NOBODY),
    readDisputedReports(database, [reading?.personId ?? NOBODY]),
  ]);
  const persons = cluster.members.map(({ personId }) => personId);
  const care = await careBasisOf(database, reader.institution, persons, ruling, at);
  const found = reading && judgeReport(reading, { reader, consent, care, disputed, ruling, at });
  if (found === 'existence') throw flowFault('CONSENT_NEEDED');
  return found;
};

const wordsOf = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.map(textOf).filter(Boolean) : [];

/** Items of the lines that are shown. */
const itemsOf = ({ reading, source, rules, visible }: VisibleReport): readonly ItemCode[] =>
  reading.content.observations.flatMap((one, index) => {
    const item = visible[index] ? itemOf(one, source, rules) : null;
    return item === null ? [] : [item];
  });

/**
 * Whether doctors of the reader's institution may stand an opinion beside a report. Of its own report an institution says
 * what it has to say in the report.
 */
export const takesOpinion = ({ reader, reading, source, isWhole }: VisibleReport): boolean =>
  isWhole && reading.kind !== 'laboratory' && reader.institution !== null && reader.institution !== source;

/** What a report says, as far as its reader may see it. Its audit row is the caller's to keep, before. */
export const presentReport = async (
  session: Session,
  found: VisibleReport,
  basis: string,
  at: Instant,
): Promise<ReportAnswer> => {
  const { reader, reading, rules, opening, source, visible, isWhole, isDisputed } = found;
  const { substance, particulars, observations } = reading.content;
  const [versions, opinions, images] = await Promise.all([
    readVersionsOf(session, reading),
    isWhole ? opinionsOf(session, reading, reader, found.ruling, at) : [],
    isWhole && reading.kind !== 'laboratory'
      ? imagesOfReport(session, reading, !found.showsImages, at)
      : null,
  ]);
  const specimen = Array.isArray(substance['specimens']) ? substance['specimens'][0] : undefined;
  return {
    id: reading.publicId,
    person: reading.personPublicId,
    kind: reading.kind,
    title: shownTitle(reading, source, reader, rules),
    standing: reading.standing,
    version: reading.version,
    disputed: isDisputed,
    reportNumber: reading.reportNumber,
    institution: institutionAnswer(rules, source),
    specimen: wordOf(memberOf(memberOf(specimen, 'code'), 'text')),
    collectedAt: momentAnswer(reading.collectedAt),
    receivedAt: wordOf(memberOf(particulars['receivedAt'], 'at')),
    reportedAt: momentAnswer(reading.reportedAt),
    reporter: wordOf(particulars['reporter']),
    verifier: wordOf(particulars['verifier']),
    observations: observations
      .map((one, index) => observationAnswer(one, index, reading.standing))
      // A document is listed among the attachments.
      .filter((_, index) => visible[index] && !isAttachment(observations[index])),
    // Free text may speak of what is left out.
    findings: isWhole ? wordOf(substance['findings']) : null,
    impression: isWhole ? wordOf(substance['impression']) : null,
    opinions: [...opinions],
    takesOpinion: takesOpinion(found),
    images,
    orderedAt: wordOf(memberOf(particulars['orderedAt'], 'at')),
    verifiedAt: wordOf(memberOf(particulars['verifiedAt'], 'at')),
    marks: reportMarks(rules, source, itemsOf(found), reading.collectedAt, at),
    notes: isWhole ? wordsOf(particulars['notes']) : [],
    attachments: isWhole
      ? attachmentsOf(reading.content).map(({ mediaType, bytes }, index) => ({
          n: index + 1,
          mediaType,
          bytes,
        }))
      : [],
    versions: versionsAnswer(versions, (one) => disclosureIn(one, opening).level === 'content'),
    disclosure: { basis, text: rules.sentenceOf(`disclosure.${basis}`) ?? { zh: basis, en: basis } },
  };
};

/**
 * Reading one report as its institution issued it, without the lines that the reader's institution may not see. The
 * audit row is kept before anything is shown.
 */
export const reportFlow =
  (dependencies: FlowDependencies): CheckFlows['report'] =>
  async (actor, id, origin) => {
    const institution = orderingInstitution(actor);
    const { database, clock } = dependencies;
    const at = clock();
    const found = await findVisibleReport(
      dependencies,
      { institution, doctor: emergencyDoctor(actor), author: actor.name },
      id,
      at,
    );
    if (!found) return fail(flowFault('REPORT_UNKNOWN'));
    const { reading, ruling, basis } = found;
    await keepAudit(
      database,
      reading.personId,
      at,
      auditOf(dependencies, actor, origin, {
        institutionKey: ruling.registry.institutionKey(institution) ?? null,
        action: 'report.read',
        resource: `report/${id}/v${reading.version}`,
        basis: found.basisText,
        outcome: 'disclosed',
      }),
    );
    return ok(await presentReport(database, found, basis, at));
  };

/**
 * One attachment of a report. A document shows the whole report, so it is given only to those who may see all of it; the
 * audit row is kept before.
 */
export const attachmentFlow =
  (dependencies: FlowDependencies): CheckFlows['attachment'] =>
  async (actor, id, n, origin) => {
    const institution = orderingInstitution(actor);
    const { database, clock, objects } = dependencies;
    const at = clock();
    const found = await findVisibleReport(
      dependencies,
      { institution, doctor: emergencyDoctor(actor) },
      id,
      at,
    );
    const wanted = found?.isWhole ? attachmentsOf(found.reading.content)[n - 1] : undefined;
    if (!found || !wanted) return fail(flowFault('REPORT_UNKNOWN'));
    await keepAudit(
      database,
      found.reading.personId,
      at,
      auditOf(dependencies, actor, origin, {
        institutionKey: found.ruling.registry.institutionKey(institution) ?? null,
        action: 'report-attachment.read',
        resource: `report/${id}/v${found.reading.version}/attachment/${n}`,
        basis: found.basisText,
        outcome: 'disclosed',
      }),
    );
    const key: ObjectKey = objects.keyOf(wanted.sha256);
    return ok({ mediaType: wanted.mediaType, bytes: await objects.get(key) });
  };
