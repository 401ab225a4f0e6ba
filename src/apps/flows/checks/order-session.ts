import type { ItemCode } from '../../../catalogue/index.ts';
import type { StatedTime } from '../../../kernel/instant.ts';
import { instant } from '../../../kernel/instant.ts';
import type { CampusCode, InstitutionCode } from '../../../organisation/index.ts';
import {
  type IncomingPatient,
  NATIONAL_NUMBERS,
  recordIssuer,
  type StatedIdentifier,
} from '../../../person/index.ts';
import type { AnsweredOffer, OrderSession } from '../../../recognition/index.ts';
import type { OrderCheckRequest } from '../../../web/wire/order-check-request.ts';

const birthDateOf = (text: string): StatedTime => ({
  at: instant(Date.parse(`${text}T00:00:00+08:00`)),
  precision: 'day',
  text: text.replaceAll('-', ''),
});

/** 门诊号 and 住院号 of the encounter: numbers of the institution's own, each in its own space. */
const recordNumbers = (
  { encounter }: OrderCheckRequest,
  institution: InstitutionCode,
): readonly StatedIdentifier[] =>
  (
    [
      ['outpatient', encounter.outpatientNumber],
      ['inpatient', encounter.inpatientNumber],
    ] as const
  ).flatMap(([space, number]) =>
    number === undefined
      ? []
      : [{ type: 'medical-record', issuer: recordIssuer(institution, space), number }],
  );

/** The patient as the caller states him, in the words of the person index. */
export const patientOf = (request: OrderCheckRequest, institution: InstitutionCode): IncomingPatient => {
  const { identifiers, name, sex, birthDate } = request.patient;
  return {
    identifiers: [
      ...identifiers.map(
        ({ type, issuer, number }): StatedIdentifier => ({
          type,
          issuer: issuer ?? (NATIONAL_NUMBERS.has(type) ? 'CN' : institution),
          number,
        }),
      ),
      ...recordNumbers(request, institution),
    ],
    name: name ?? null,
    sex: sex ?? 'unknown',
    birthDate: birthDate === undefined ? null : birthDateOf(birthDate),
    phones: [],
    address: null,
    motherIdentifiers: [],
    birthOrder: null,
    multipleBirth: false,
    deceased: false,
  };
};

/**
 * What is ordered, in the words of the decision.
 *
 * @param answered what was on offer when the answers that stand in this order session were given
 */
export const orderSessionOf = (
  request: OrderCheckRequest,
  institution: InstitutionCode,
  answered: readonly AnsweredOffer[],
): OrderSession => ({
  institution,
  ...(request.campus === undefined ? {} : { campus: request.campus as CampusCode }),
  encounterClass: request.encounter.class,
  purpose: request.serialMonitoring ? 'serial-monitoring' : request.purpose,
  diagnoses: request.diagnoses.map(({ code }) => code),
  lines: request.items.map(({ line, code, name, item, purpose, side, specimen }) => ({
    line,
    localCode: code,
    ...(item === undefined ? {} : { item: item as ItemCode }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(name === undefined ? {} : { name }),
    ...(side === undefined ? {} : { side }),
    ...(specimen === undefined ? {} : { specimen }),
  })),
  ...(answered.length === 0 ? {} : { answered }),
});

/** What counts as one encounter when opportunities and answers are counted. */
export const encounterKeyOf = (request: OrderCheckRequest, fallback: string): string => {
  const { number, inpatientNumber, outpatientNumber } = request.encounter;
  return number ?? inpatientNumber ?? outpatientNumber ?? request.request?.number ?? fallback;
};
