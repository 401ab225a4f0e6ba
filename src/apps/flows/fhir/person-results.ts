import { consentStateOf } from '../../../adapters/postgres/consents.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { FhirLine, FhirReport } from '../../../adapters/fhir/result-resources.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { PersonLookup } from '../../../adapters/postgres/person-lookup.ts';
import { textOf } from '../../../adapters/postgres/report-content-fields.ts';
import { HISTORY_MAX, readPresentVersions } from '../../../adapters/postgres/result-history.ts';
import {
  type SearchedRow,
  searchResults,
  surveyResults,
  type WantedResults,
} from '../../../adapters/postgres/result-search.ts';
import { methodWords, specimenDefinition } from '../../../catalogue/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { basisText, type Disclosure, type Rules } from '../../../recognition/index.ts';
import type { ResultFlag } from '../../../result/index.ts';
import { institutionAnswer } from '../present.ts';
import { type Circumstances, circumstancesOfRows } from '../results/history-circumstances.ts';
import { isTitleDisclosed, shownTitle } from '../results/line-disclosure.ts';
import { type FhirReader, lineReaderOf } from './fhir-reader.ts';

/** What of a person was wanted and a reader may see, the newest first. */
export interface PersonResults {
  readonly reports: readonly FhirReport[];
  /** On what it is shown, as the audit row carries it. */
  readonly basis: string;
}

const lineOf = (row: SearchedRow, { item, reporter, performer }: Circumstances, rules: Rules): FhirLine => ({
  report: row.head.report_public_id,
  ordinal: row.ordinal,
  standing: row.standing,
  isLaboratory: row.head.kind === 'laboratory',
  reporter,
  localCode: row.local_code,
  localName: row.local_name,
  item: item && { code: item.code, nameZh: item.nameZh, nameEn: item.nameEn, loinc: item.loinc ?? null },
  performerZh: institutionAnswer(rules, performer).nameZh,
  collectedAt: row.head.collected_at as Instant | null,
  isDayOnly: row.head.collected_precision === 'd',
  reportedAt: row.head.reported_at as Instant | null,
  updatedAt: row.head.updated_at as Instant,
  valueText: row.value_text,
  valueNumber: row.value_number,
  comparator: row.comparator,
  unitText: row.unit_text,
  unit: row.unit,
  referenceText: row.reference_text,
  flag: row.flag as ResultFlag | null,
  specimenZh: row.specimen === null ? null : (specimenDefinition(row.specimen)?.zh ?? row.specimen),
  methodZh: row.method_class === null ? null : methodWords(row.method_class),
});

interface Gathered {
  readonly head: SearchedRow['head'];
  readonly reporter: Circumstances['reporter'];
  readonly lines: FhirLine[];
  /** True while every line so far is shown. */
  isWhole: boolean;
}

/** What is read of a person, and for what. */
export interface WantedOfPerson extends WantedResults {
  /** Whether reports are shown, with their conclusions, or single lines only. */
  readonly asReports: boolean;
}

/**
 * Reads what a reader may see of what is wanted of a person: lines whose content is disclosed, of records that are surely this person's, and
 * not of reports that somebody says are another's. A program cannot be told "perhaps", so what needs that word stays out.
 */
export const readPersonResults = async (
  session: Session,
  reader: FhirReader,
  members: PersonLookup['members'],
  ruling: RulingSnapshot,
  at: Instant,
  wanted: WantedOfPerson,
): Promise<PersonResults> => {
  const sure = members.filter(({ grade }) => grade !== 'weak').map(({ personId }) => personId);
  const everybody = members.map(({ personId }) => personId);
  const [rows, { disputed, consent: records }] = await Promise.all([
    searchResults(session, sure, wanted),
    surveyResults(session, everybody),
  ]);
  const rules = ruling.snapshot.rulesAt(at);
  // A program opens nothing in an emergency: that is a doctor's act, confirmed twice on a page.
  const consent = consentStateOf(records, ruling.registry, at, null);
  const lineReader = lineReaderOf(reader);
  const circumstancesOf = circumstancesOfRows({ reader: lineReader, consent, ruling, rules, at });
  const reports = new Map<PublicId, Gathered>();
  const disclosures: Disclosure[] = [];
  for (const row of rows.slice(0, HISTORY_MAX)) {
    const { head } = row;
    if (disputed.has(head.report_public_id)) continue;
    const circumstances = circumstancesOf(row);
    const disclosure = circumstances.disclosureIn(head.title);
    const gathered = reports.get(head.report_public_id) ?? {
      head,
      reporter: circumstances.reporter,
      lines: [],
      isWhole: true,
    };
    reports.set(head.report_public_id, gathered);
    if (disclosure.level !== 'content') {
      gathered.isWhole = false;
      continue;
    }
    disclosures.push(disclosure);
    gathered.lines.push(lineOf(row, circumstances, rules));
  }
  const shown = [...reports.values()].filter(({ lines }) => lines.length > 0);
  // Free text may speak of what is left out. What is read here follows from what is shown alone.
  const concluded = wanted.asReports
    ? shown.filter(
        ({ head, reporter, isWhole }) =>
          isWhole && head.kind !== 'laboratory' && isTitleDisclosed(head.title, reporter, lineReader, rules),
      )
    : [];
  const impressions = new Map(
    concluded.length === 0
      ? []
      : (
          await readPresentVersions(
            session,
            sure,
            concluded.map(({ head }) => head.report_public_id),
          )
        ).map(({ report, content }) => [report, textOf(content.substance['impression'])] as const),
  );
  return {
    reports: shown.map(
      ({ head, reporter, lines }): FhirReport => ({
        id: head.report_public_id,
        kind: head.kind,
        title: shownTitle(head, reporter, lineReader, rules),
        standing: head.report_standing,
        reporter,
        reporterZh: institutionAnswer(rules, reporter).nameZh,
        reportNumber: head.report_number,
        collectedAt: head.collected_at as Instant | null,
        isDayOnly: head.collected_precision === 'd',
        reportedAt: head.reported_at as Instant | null,
        orderedBy: head.anchor_at as Instant,
        updatedAt: head.updated_at as Instant,
        conclusion: impressions.get(head.report_public_id) || null,
        lines,
      }),
    ),
    basis: basisText(disclosures, lineReader, consent, rules),
  };
};
