import type { ReportVersionReading } from '../../../adapters/postgres/report-reading.ts';
import { memberOf, textOf } from '../../../adapters/postgres/report-content-fields.ts';
import type { JsonValue } from '../../../kernel/canonical-json.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import { marksHeld } from '../../../quality/index.ts';
import type { Rules } from '../../../recognition/index.ts';
import { type ObservationContent, type ReportContent, reportDifferences } from '../../../result/index.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { ReportAnswer } from '../../../web/wire/order-check-answer.ts';

/** A PDF or picture that came with a report. */
export interface ReportAttachment {
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
}

const attachmentIn = (value: JsonValue | undefined): ReportAttachment[] => {
  const sha256 = textOf(memberOf(value, 'sha256'));
  const size = memberOf(value, 'size');
  if (sha256 === '') return [];
  return [
    {
      mediaType: textOf(memberOf(value, 'mediaType')),
      bytes: typeof size === 'number' ? size : 0,
      sha256,
    },
  ];
};

/** True of a line that is a document and not a value. */
export const isAttachment = (observation: ObservationContent | undefined): boolean =>
  attachmentIn(memberOf(observation?.stated['value'], 'attachment')).length > 0;

/** Everything attached to a report, each content once, in the order of the message. */
export const attachmentsOf = (content: ReportContent): readonly ReportAttachment[] => {
  const beside = content['attachments'];
  const all = [
    ...content.observations.flatMap(({ stated }) => attachmentIn(memberOf(stated['value'], 'attachment'))),
    ...(Array.isArray(beside) ? beside.flatMap((each) => attachmentIn(each)) : []),
  ];
  const seen = new Set<string>();
  return all.filter(({ sha256 }) => !seen.has(sha256) && seen.add(sha256));
};

/**
 * The versions of a report, the newest first, each with what it says otherwise than the one before. Lines that the reader
 * may not see are left out on both sides, free text as soon as there is one such line. Of what was entered in error only
 * that it was is told: what it said may be another person's.
 */
export const versionsAnswer = (
  versions: readonly ReportVersionReading[],
  mayBeShown: (line: ObservationContent) => boolean,
): ReportAnswer['versions'] => {
  const [newest] = versions;
  const inError = new Set(
    newest?.content.observations
      .filter(({ standing }) => (standing ?? newest.standing) === 'entered-in-error')
      .map(({ ordinal }) => ordinal ?? null),
  );
  if (newest?.standing === 'entered-in-error') inError.add(null);
  return versions.map(({ version, standing, statedAt, recordedAt, content }, index) => {
    const earlier = versions[index + 1]?.content;
    const lines = [...content.observations, ...(earlier?.observations ?? [])];
    const hidden = new Set(lines.filter((line) => !mayBeShown(line)).map(({ ordinal }) => ordinal ?? null));
    return {
      version,
      standing,
      statedAt: isoInstant(statedAt as Instant),
      recordedAt: isoInstant(recordedAt as Instant),
      changes: earlier
        ? reportDifferences(earlier, content).filter(
            ({ ordinal, field }) =>
              (ordinal === null ? hidden.size === 0 : !hidden.has(ordinal)) &&
              (field === 'standing' || !inError.has(ordinal)),
          )
        : [],
    };
  });
};

/** The HR marks that a performing institution held at collection for any of these items. */
export const reportMarks = (
  rules: Rules,
  institution: InstitutionCode,
  items: readonly string[],
  performedAt: number | null,
  at: Instant,
): string[] => {
  if (performedAt === null) return [];
  const indexes = rules.grantsOf(institution).map(({ index }) => index);
  const performance = { campus: null, methodClass: null, performedAt: performedAt as Instant, at };
  const marks = items.flatMap((code) => {
    const item = rules.itemOf(code)?.item;
    return item ? marksHeld(indexes, item, performance) : [];
  });
  return [...new Set(marks)];
};
