import type { AnnotatedMessage } from '../../../adapters/hl7v2/annotate.ts';
import { charsetName } from '../../../adapters/hl7v2/charset.ts';
import type { Hl7Message } from '../../../adapters/hl7v2/read-message.ts';
import type { Sender } from '../../../adapters/postgres/senders.ts';
import type { Bilingual } from '../../../kernel/bilingual.ts';
import type { IncomingPatient } from '../../../person/index.ts';
import type { IncomingObservation, IncomingReport, StatedCode } from '../../../result/index.ts';
import {
  ENCOUNTERS,
  FLAGS,
  IDENTIFIERS,
  REPORT_KINDS,
  SEXES,
  STATUSES,
  timeWords,
  VALUE_KINDS,
  verbatim,
} from './console-words.ts';
import type { ReadReport } from './console-reports.ts';

/** What was understood, by place (`OBX[3]-5`). */
export type Readings = ReadonlyMap<string, Bilingual>;

const joined = (parts: readonly Bilingual[], separator: string): Bilingual => ({
  zh: parts.map(({ zh }) => zh).join(separator),
  en: parts.map(({ en }) => en).join(separator),
});

const codeWords = ({ code, text, alternate }: StatedCode): string =>
  [text, code, alternate ? `(${[alternate.code, alternate.text].filter(Boolean).join(' ')})` : '']
    .filter(Boolean)
    .join(' ');

/** Collects readings; what is empty is not one. */
class ReadingsOf {
  readonly byPlace = new Map<string, Bilingual>();

  put(place: string, reading: Bilingual | string | null | undefined): void {
    if (reading === null || reading === undefined || reading === '') return;
    this.byPlace.set(place, typeof reading === 'string' ? verbatim(reading) : reading);
  }
}

const putPatient = (readings: ReadingsOf, patient: IncomingPatient): void => {
  const at = (field: number) => `PID[1]-${field}`;
  if (patient.identifiers.length > 0)
    readings.put(
      at(3),
      joined(
        patient.identifiers.map(({ type, number, issuer }) =>
          joined([IDENTIFIERS[type] ?? verbatim(type), verbatim(`${number} (${issuer})`)], ' '),
        ),
        '; ',
      ),
    );
  readings.put(at(5), patient.name);
  readings.put(at(7), timeWords(patient.birthDate));
  readings.put(at(8), SEXES[patient.sex]);
  readings.put(at(11), patient.address);
  readings.put(at(13), patient.phones.join('; '));
};

const valueWords = ({ value }: IncomingObservation): Bilingual => {
  const kind = VALUE_KINDS[value.kind];
  if (value.kind === 'numeric') return joined([kind, verbatim(String(value.number))], ' ');
  if (value.kind === 'compared')
    return joined([kind, verbatim(`${value.comparator ?? ''} ${value.number ?? ''}`)], ' ');
  return value.kind === 'empty' ? kind : joined([kind, verbatim(value.text.slice(0, 200))], ' ');
};

const putLines = (readings: ReadingsOf, { counted }: ReadReport): void => {
  const { report } = counted;
  const stated = report.lines ?? report.observations;
  for (const line of stated) {
    readings.put(`${line.place}-5`, valueWords(line));
    readings.put(`${line.place}-11`, STATUSES[line.status]);
    readings.put(`${line.place}-7`, line.referenceText);
    readings.put(`${line.place}-14`, timeWords(line.observedAt));
    readings.put(`${line.place}-17`, line.method ? codeWords(line.method) : null);
    readings.put(`${line.place}-18`, line.instrument);
    readings.put(`${line.place}-3`, codeWords(line.code));
  }
};

const putRead = (readings: ReadingsOf, { counted, itemOf }: ReadReport): void => {
  for (const reading of counted.readings) {
    const item = reading.item === null ? undefined : itemOf(reading.item);
    if (item)
      // An examination is one result of its whole report, named by the service.
      readings.put(`${reading.place}-${reading.place.startsWith('OBX') ? 3 : 4}`, {
        zh: `${item.nameZh}（${item.code}）`,
        en: `${item.nameEn} (${item.code})`,
      });
    if (!reading.place.startsWith('OBX')) continue;
    if (reading.unit !== null && reading.unit !== '')
      readings.put(`${reading.place}-6`, `UCUM ${reading.unit}`);
    readings.put(`${reading.place}-8`, reading.flag === null ? null : FLAGS[reading.flag]);
  }
};

const putReport = (readings: ReadingsOf, report: IncomingReport): void => {
  const at = (field: number) => `${report.place}-${field}`;
  readings.put(at(2), report.orderNumber);
  readings.put(at(3), report.reportNumber);
  readings.put(at(4), codeWords(report.service));
  readings.put(at(6), timeWords(report.orderedAt));
  readings.put(at(7), timeWords(report.collectedAt));
  readings.put(at(14), timeWords(report.receivedAt));
  readings.put(at(16), report.orderingDoctor);
  readings.put(at(22), timeWords(report.reportedAt));
  readings.put(at(24), REPORT_KINDS[report.kind]);
  readings.put(at(25), STATUSES[report.status]);
  readings.put(at(32), report.verifier);
};

const putSpecimens = (readings: ReadingsOf, reports: readonly IncomingReport[]): void => {
  // Specimens are counted as their segments are; reports that share one state it again.
  const distinct = [...new Set(reports.flatMap(({ specimens }) => specimens))];
  distinct.forEach((specimen, index) => {
    const at = (field: number) => `SPM[${index + 1}]-${field}`;
    readings.put(at(4), specimen.code ? codeWords(specimen.code) : null);
    readings.put(at(17), timeWords(specimen.collectedAt));
    readings.put(at(18), timeWords(specimen.receivedAt));
    readings.put(at(24), specimen.states.join('; '));
  });
};

/** What ingest understood of each field, in our own words. */
export const readingsOf = (
  { header, message }: Hl7Message,
  annotated: AnnotatedMessage,
  sender: Sender | undefined,
  reports: readonly ReadReport[],
): Readings => {
  const readings = new ReadingsOf();
  if (sender) readings.put('MSH[1]-3', `${sender.code} · ${sender.institution}`);
  readings.put('MSH[1]-7', timeWords(header.sentAt));
  readings.put('MSH[1]-9', `${header.type} ${header.event}`.trim());
  readings.put('MSH[1]-10', header.controlId);
  readings.put('MSH[1]-12', header.version);
  readings.put('MSH[1]-18', charsetName(annotated.charset));
  if (message.kind === 'unsupported') return readings.byPlace;
  putPatient(readings, message.patient);
  if (message.kind === 'reports') {
    readings.put('PV1[1]-2', message.encounterClass === null ? null : ENCOUNTERS[message.encounterClass]);
    readings.put('PV1[1]-19', message.encounterNumber);
    for (const report of message.reports) putReport(readings, report);
    const hasOwnSpecimens = annotated.segments.some(({ name }) => name === 'SPM');
    if (hasOwnSpecimens) putSpecimens(readings, message.reports);
    for (const report of reports) {
      putLines(readings, report);
      putRead(readings, report);
    }
  }
  return readings.byPlace;
};
