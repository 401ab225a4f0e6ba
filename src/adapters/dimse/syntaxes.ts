/** SOP classes and their services. */
export const SOP_CLASS = {
  verification: '1.2.840.10008.1.1',
  storageCommitment: '1.2.840.10008.1.20.1',
  patientRootFind: '1.2.840.10008.5.1.4.1.2.1.1',
  patientRootMove: '1.2.840.10008.5.1.4.1.2.1.2',
  patientRootGet: '1.2.840.10008.5.1.4.1.2.1.3',
  studyRootFind: '1.2.840.10008.5.1.4.1.2.2.1',
  studyRootMove: '1.2.840.10008.5.1.4.1.2.2.2',
  studyRootGet: '1.2.840.10008.5.1.4.1.2.2.3',
} as const;

/** Every storage class, known or not yet: later editions add to this root. */
const STORAGE_ROOT = '1.2.840.10008.5.1.4.1.1.';
/** Storage classes that the standard placed elsewhere: colour palettes, hanging protocols, implants, RT instructions. */
const STORAGE_ELSEWHERE: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.34.7',
  '1.2.840.10008.5.1.4.34.10',
  '1.2.840.10008.5.1.4.38.1',
  '1.2.840.10008.5.1.4.39.1',
  '1.2.840.10008.5.1.4.43.1',
  '1.2.840.10008.5.1.4.44.1',
  '1.2.840.10008.5.1.4.45.1',
]);

/**
 * Whether instances of a SOP class are stored.
 *
 * @param privateRoots UIDs, or prefixes with their final point, of private classes that an installation takes
 */
export const isStorageClass = (sopClassUid: string, privateRoots: readonly string[] = []): boolean =>
  sopClassUid.startsWith(STORAGE_ROOT) ||
  STORAGE_ELSEWHERE.has(sopClassUid) ||
  privateRoots.some((root) => sopClassUid === root || (root.endsWith('.') && sopClassUid.startsWith(root)));

/** Transfer syntaxes without compression. */
export const TRANSFER_SYNTAX = {
  implicitLittleEndian: '1.2.840.10008.1.2',
  explicitLittleEndian: '1.2.840.10008.1.2.1',
  deflatedExplicitLittleEndian: '1.2.840.10008.1.2.1.99',
  explicitBigEndian: '1.2.840.10008.1.2.2',
} as const;

/** What whoever has images must be able to offer (PS3.5 §10.1), and its explicit form. */
export type PlainTransferSyntax = (typeof PLAIN_TRANSFER_SYNTAXES)[number];

/** Those in which any instance may be sent, the one that says the kinds of its values first. */
export const PLAIN_TRANSFER_SYNTAXES = [
  TRANSFER_SYNTAX.explicitLittleEndian,
  TRANSFER_SYNTAX.implicitLittleEndian,
] as const;

const root = '1.2.840.10008.1.2';
const under = (...ends: readonly string[]): string[] => ends.map((end) => `${root}.${end}`);

/** Compressed and reversible: lossless JPEG, JPEG-LS, JPEG 2000, JPEG XL, HTJ2K, RLE, and a recompressed JPEG. */
const REVERSIBLE: ReadonlySet<string> = new Set(
  under('4.57', '4.70', '4.80', '4.90', '4.92', '4.110', '4.111', '4.201', '4.202', '5', '8.1'),
);
/** Uncompressed, the plain ones first: big endian is retired but still offered. */
const UNCOMPRESSED: readonly string[] = [
  TRANSFER_SYNTAX.explicitLittleEndian,
  TRANSFER_SYNTAX.implicitLittleEndian,
  TRANSFER_SYNTAX.deflatedExplicitLittleEndian,
  TRANSFER_SYNTAX.explicitBigEndian,
];
/** Compressed and possibly with loss: what was made so is taken so. MPEG-2, MPEG-4 and HEVC among them. */
const IRREVERSIBLE: ReadonlySet<string> = new Set([
  ...under('4.50', '4.51', '4.81', '4.91', '4.93', '4.112', '4.203'),
  ...under('4.100', '4.101', '4.102', '4.103', '4.104', '4.105', '4.106', '4.107', '4.108'),
  ...under('4.100.1', '4.101.1', '4.102.1', '4.103.1', '4.104.1', '4.105.1', '4.106.1'),
]);

/**
 * The syntax to accept of those proposed in one context, or undefined. A reversible compression before none, because it
 * is a third of the bytes; none before one that may lose, because a sender that holds the original must not be led into
 * degrading it. Among equals the sender's order counts.
 */
export const chooseForStorage = (proposed: readonly string[]): string | undefined =>
  proposed.find((syntax) => REVERSIBLE.has(syntax)) ??
  UNCOMPRESSED.find((syntax) => proposed.includes(syntax)) ??
  proposed.find((syntax) => IRREVERSIBLE.has(syntax));

/**
 * The syntax to accept in a context in which instances are only sent back: one that all of a study can be put into before one that
 * only a part of it is kept in. Whoever wants the stored bytes proposes their syntax in a context of its own.
 */
export const chooseForRetrieval = (proposed: readonly string[]): string | undefined =>
  PLAIN_TRANSFER_SYNTAXES.find((syntax) => proposed.includes(syntax)) ?? chooseForStorage(proposed);

/** The syntax to accept for commands with an identifier, which is written in either of these two. */
export const chooseForIdentifiers = (proposed: readonly string[]): string | undefined =>
  [TRANSFER_SYNTAX.explicitLittleEndian, TRANSFER_SYNTAX.implicitLittleEndian].find((syntax) =>
    proposed.includes(syntax),
  );
