import { CHINA_ZONE } from '../../kernel/civil-day.ts';
import { DIALECTS } from './dialects.ts';
import { type DemonstrationInstitution, INSTITUTION_CODES } from './region.ts';

/** A sending system as it has to be registered before its messages are taken. */
export interface DemonstrationSender {
  readonly code: string;
  readonly institution: DemonstrationInstitution;
  /** MSH-3 and MSH-4. */
  readonly application: string;
  readonly facility: string;
  /** Character set when MSH-18 is empty. */
  readonly charset: string;
  /** IANA zone of times without offset. */
  readonly zone: string;
  readonly reusesControlIds: boolean;
  /** Settings of `adapters/hl7v2/dialect.ts`. */
  readonly dialect: {
    readonly encounterClasses: Readonly<Record<string, 'health-check'>>;
    readonly fields?: Readonly<Record<string, string>>;
  };
}

/** Code of the sender that speaks for an institution. */
export const senderCodeOf = (institution: DemonstrationInstitution): string =>
  `${institution}-${DIALECTS[institution].application}`;

/** All sending systems of the region, one per institution. */
export const demonstrationSenders = (): readonly DemonstrationSender[] =>
  INSTITUTION_CODES.map((institution) => {
    const { application, facility, charset, reusesControlIds, specimenIn } = DIALECTS[institution];
    return {
      code: senderCodeOf(institution),
      institution,
      application,
      facility,
      charset,
      zone: CHINA_ZONE,
      reusesControlIds,
      dialect: {
        encounterClasses: { T: 'health-check' },
        ...(specimenIn === 'OBR-15' ? { fields: { barcode: 'OBR-20' } } : {}),
      },
    };
  });
