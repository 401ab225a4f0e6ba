import type { Hl7Content } from '../../../adapters/hl7v2/read-message.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { Sender } from '../../../adapters/postgres/senders.ts';
import { type ItemDefinition, specimenWords } from '../../../catalogue/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { readReport, type ReportReading } from '../../../result/index.ts';
import type { AnnotatedAnswer } from '../../../web/wire/console.ts';
import { FINDINGS, timeWords } from './console-words.ts';
import { lookupsOf } from '../ingest/ingest-prepare.ts';

/** A report of a message as it is counted, with the catalogue by which it was read. */
export interface ReadReport {
  readonly counted: ReportReading;
  readonly itemOf: (code: string) => ItemDefinition | undefined;
}

type ReportAnswer = AnnotatedAnswer['reports'][number];
type Remark = ReportAnswer['lines'][number]['remarks'][number];

/** Reads the reports of a message by the lists that rule now, as ingest and the mapping of waiting results do. */
export const readReports = (
  message: Hl7Content,
  sender: Sender | undefined,
  ruling: RulingSnapshot,
  at: Instant,
): readonly ReadReport[] => {
  if (message.kind !== 'reports') return [];
  const lookups = lookupsOf(sender?.institution ?? '', ruling, at);
  return message.reports.map((report) => ({
    counted: readReport(report, lookups),
    itemOf: (code) => ruling.snapshot.itemOf(code, at),
  }));
};

/** What a reader of a line should know, as remarks with the field they are about. */
export const lineRemarks = ({
  counted,
}: ReadReport): readonly { readonly place: string; readonly remark: Remark }[] =>
  counted.readings.flatMap((reading) =>
    reading.findings.map((finding) => {
      const { at, text } = FINDINGS[finding];
      const isOnLine = at.startsWith('OBX') && reading.place.startsWith('OBX');
      const place = isOnLine
        ? `${reading.place}-${at.slice(4)}`
        : at === 'OBR-7'
          ? `${counted.report.place}-7`
          : at === 'SPM-4'
            ? 'SPM[1]-4'
            : `${reading.place}-4`;
      return { place, remark: { code: finding, state: 'warning', text, detail: '' } };
    }),
  );

/** A report of a message on the wire. */
export const reportAnswer = ({ counted, itemOf }: ReadReport): ReportAnswer => {
  const { report, readings } = counted;
  return {
    place: report.place,
    kind: report.kind,
    reportNumber: report.reportNumber,
    orderNumber: report.orderNumber,
    title: report.service.text || report.service.code,
    status: report.status,
    collectedAt: timeWords(readings.find(({ collectedAt }) => collectedAt !== null)?.collectedAt ?? null),
    reportedAt: timeWords(report.reportedAt),
    lines: readings.map((reading, index) => {
      const item = reading.item === null ? undefined : itemOf(reading.item);
      const stated = report.observations[index];
      return {
        place: reading.place,
        localCode: reading.localCode,
        localName: reading.localName,
        item: item ? { code: item.code, nameZh: item.nameZh, nameEn: item.nameEn } : null,
        valueText: reading.valueText.slice(0, 2_000),
        valueKind: stated?.value.kind ?? 'empty',
        unitText: reading.unitText,
        unit: reading.unit,
        referenceText: reading.referenceText,
        flag: reading.flag,
        specimen: reading.specimen === null ? null : specimenWords(reading.specimen),
        method: stated?.method?.text ?? null,
        status: stated?.status ?? report.status,
        remarks: reading.findings.map((finding) => ({
          code: finding,
          state: 'warning' as const,
          text: FINDINGS[finding].text,
          detail: '',
        })),
      };
    }),
  };
};
