import type { StatedTime } from '../kernel/instant.ts';
import type { IncomingPatient, StatedIdentifier } from './incoming-patient.ts';

/** A patient administration message: registration, update or merge (ADT A01, A04, A08, A28, A31, A40). */
export interface IncomingAdmissionMessage {
  readonly kind: 'admission';
  readonly event: 'A01' | 'A04' | 'A08' | 'A28' | 'A31' | 'A40';
  readonly patient: IncomingPatient;
  /** For A40: the identifiers that go out of use (MRG-1). The survivor is `patient`. */
  readonly mergedIdentifiers: readonly StatedIdentifier[];
  readonly sentAt: StatedTime | null;
}
