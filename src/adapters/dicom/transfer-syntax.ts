/** How the data set of a transfer syntax is written, apart from its pixels. */
export interface DataSetEncoding {
  readonly explicit: boolean;
  readonly bigEndian: boolean;
  readonly deflated: boolean;
  /** Whether pixels lie in fragments (PS3.5 §A.4). */
  readonly encapsulated: boolean;
}

const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
const DEFLATED_LITTLE = '1.2.840.10008.1.2.1.99';
const EXPLICIT_BIG = '1.2.840.10008.1.2.2';
const NATIVE = new Set([IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED_LITTLE, EXPLICIT_BIG]);

/** Encoding of a transfer syntax (PS3.5 §10, annex A). Every other one of the standard is explicit, little endian, encapsulated. */
export const encodingOf = (transferSyntaxUid: string): DataSetEncoding => ({
  explicit: transferSyntaxUid !== IMPLICIT_LITTLE,
  bigEndian: transferSyntaxUid === EXPLICIT_BIG,
  deflated: transferSyntaxUid === DEFLATED_LITTLE,
  encapsulated: !NATIVE.has(transferSyntaxUid),
});
