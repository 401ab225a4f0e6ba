import type { Session } from '../../../adapters/postgres/database.ts';
import type { StudyPlace } from '../../../adapters/postgres/imaging-arrivals.ts';
import { StudyMoved } from '../../../adapters/postgres/imaging-moves.ts';
import { restatePatient, statedPatient } from '../../../adapters/postgres/imaging-studies.ts';
import { writtenRecords } from '../../../adapters/postgres/person-lookup.ts';
import {
  areTwoPatients,
  type HeaderPatient,
  statedTogether,
  writtenPatient,
} from '../../../imaging/index.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { contradictedFields } from '../../../person/index.ts';
import { patientText, sealedPatient, unsealedStatement } from './header-patient.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';

/** What an image that waits for its row states of its patient. */
interface Stating {
  readonly place: StudyPlace;
  readonly patient: HeaderPatient;
  readonly patientHash: string;
}

/** Headers of one study weighed against each other. */
export interface WeighedPatients<Of extends Stating> {
  /** Those that state another patient than the study's. */
  readonly others: ReadonlySet<Of>;
  /** Keeps what they add to what the study's headers stated before. @throws StudyMoved where somebody else did so first */
  keep(session: Session): Promise<void>;
}

/** Statements that were weighed and found to be of the study's patient: of a study there are few. */
export interface StatedPatients {
  /** Whether an image states what is known to be of its study's patient. Asked for each image. */
  isKnown(of: Stating): boolean;
  /** Remembers, after the commit. */
  remember(of: readonly Stating[]): void;
  /** @param waiting of one study. @throws StudyMoved */
  weigh<Of extends Stating>(
    session: Session,
    institution: InstitutionKey,
    waiting: readonly [Of, ...Of[]],
  ): Promise<WeighedPatients<Of>>;
}

const KNOWN_MAX = 10_000;

/**
 * Whether what one more header adds speaks of somebody else than the person under whom its study lies: a first image may say little
 * beside the number. What the study's headers contradicted before was answered, or came before the person was registered otherwise.
 */
const addsSomebodyElse = async (
  session: Session,
  { personId }: StudyPlace,
  before: HeaderPatient,
  after: HeaderPatient,
): Promise<boolean> => {
  if (patientText(before) === patientText(after)) return false;
  const records = await writtenRecords(session, personId);
  const known = contradictedFields(writtenPatient(before), records);
  return contradictedFields(writtenPatient(after), records).some((field) => !known.includes(field));
};

/** Holds what each image of a study states of its patient against what the others stated. */
export const statedPatients = (dependencies: ImagingDependencies): StatedPatients => {
  const { keys, snapshots } = dependencies;
  const known = new Set<string>();
  const keyOf = ({ place, patientHash }: Stating): string => `${place.studyId}|${patientHash}`;
  const isKnown = (of: Stating): boolean => of.patientHash === of.place.patientHash || known.has(keyOf(of));
  return {
    isKnown,
    remember(of) {
      for (const one of of) {
        if (one.patientHash === one.place.patientHash) continue;
        if (known.size >= KNOWN_MAX) known.clear();
        known.add(keyOf(one));
      }
    },
    async weigh(session, institution, waiting) {
      const others = new Set<(typeof waiting)[number]>();
      const asked = waiting.filter((one) => !isKnown(one));
      if (asked.length === 0) return { others, keep: async () => undefined };
      const [{ place }] = waiting;
      const row = await statedPatient(session, place);
      if (!row) throw new StudyMoved();
      const { registry } = await snapshots.current();
      const isAnother = (issuer: string): boolean => {
        const key = registry.institutionKey(issuer as InstitutionCode);
        return key !== undefined && key !== institution;
      };
      const { patient: before, request } = unsealedStatement(keys, row);
      let stated = before;
      for (const one of asked) {
        const together = statedTogether(stated, one.patient);
        const isOther =
          areTwoPatients(stated, one.patient, isAnother) ||
          (await addsSomebodyElse(session, place, stated, together));
        if (isOther) others.add(one);
        else stated = together;
      }
      return {
        others,
        async keep(later) {
          if (patientText(stated) === patientText(before)) return;
          const after = sealedPatient(keys, row.studyUid, stated, request);
          if (!(await restatePatient(later, place, row.patient, after))) throw new StudyMoved();
        },
      };
    },
  };
};
