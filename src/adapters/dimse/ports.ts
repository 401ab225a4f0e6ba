import type { InstitutionCode } from '../../organisation/index.ts';
import type { PlainTransferSyntax } from './syntaxes.ts';

/** What an application entity may ask of us; nothing else is answered. C-ECHO is open to every registered one. */
export const AE_SERVICES = ['store', 'commit', 'find', 'retrieve'] as const;

/** One of `AE_SERVICES`. */
export type AeService = (typeof AE_SERVICES)[number];

/** Where a registered application entity itself listens: for storage commitment reports and as destination of C-MOVE. */
export interface AeAddress {
  readonly host: string;
  readonly port: number;
  /** Whether it wants TLS there. Its certificate must then be the registered one, or signed by a known authority. */
  readonly tls: boolean;
}

/** An application entity that an institution registered. */
export interface RegisteredAe {
  readonly aeTitle: string;
  readonly institution: InstitutionCode;
  readonly services: ReadonlySet<AeService>;
  /** SHA-256 of its certificate (DER), lower-case hex; null where none is registered. */
  readonly certificateFingerprint: string | null;
  /** null: it cannot be called, so neither storage commitment nor C-MOVE can reach it. */
  readonly listensAt: AeAddress | null;
}

/** What is known of a peer before anything of it is believed. */
export interface AePeer {
  readonly callingAeTitle: string;
  /** As the socket tells it; an IPv4 address in IPv6 form is written as IPv4. */
  readonly remoteAddress: string;
  /** SHA-256 of the verified client certificate (DER), lower-case hex; null over plain TCP. */
  readonly certificateFingerprint: string | null;
}

/** The application entities that institutions registered. */
export interface AeRegistry {
  /** The entity that this peer is, by title together with address or certificate; null for everybody else. */
  find(peer: AePeer): Promise<RegisteredAe | null>;
  /** An entity of the same institution by its title alone: the destination that a C-MOVE names. */
  destination(institution: InstitutionCode, aeTitle: string): Promise<RegisteredAe | null>;
}

/** Who asks, over which association. Everything that leaves is accounted to this. */
export interface Requester {
  readonly institution: InstitutionCode;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly remoteAddress: string;
}

/** An instance by its class and UID, as the command set or a commitment request names it. */
export interface InstanceReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/** An instance that begins to arrive. */
export interface IncomingInstance extends Requester, InstanceReference {
  readonly transferSyntaxUid: string;
}

/** How a C-STORE ended: a status of PS3.4 annex B.2.3 and a comment for the sender (≤ 64 characters, nothing personal). */
export interface StoreOutcome {
  readonly status: number;
  readonly comment?: string;
}

/** Takes the data set of one instance, piece by piece, exactly as it came. */
export interface InstanceSink {
  /** A promise where we have to wait before more may come. The bytes are the caller's again afterwards. */
  write(dataSetBytes: Uint8Array): Promise<void> | void;
  /** The data set is whole. Resolves only after it and its index are durable, or refused. */
  finish(): Promise<StoreOutcome>;
  /** The rest will not come: nothing of it may stay. Called at most once, and never after `finish`. */
  abort(): Promise<void>;
}

/**
 * Receives instances. `begin` may throw a `Fault`: the sender is told A700 (out of resources) for status 503 and C000
 * otherwise, and the association goes on.
 */
export interface InstanceReceiver {
  begin(of: IncomingInstance): Promise<InstanceSink>;
}

/** Levels of the query and retrieve information models (PS3.4 annex C.3). */
export type QueryLevel = 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';

/** One attribute in the DICOM JSON model (PS3.18 annex F.2). */
export interface DicomJsonAttribute {
  readonly vr: string;
  readonly Value?: readonly unknown[];
}

/** A data set in the DICOM JSON model: tag as eight upper-case hex digits to attribute. */
export type DicomJson = Readonly<Record<string, DicomJsonAttribute>>;

/** A C-FIND, read. */
export interface FindRequest {
  readonly requester: Requester;
  readonly model: 'patient-root' | 'study-root';
  readonly level: QueryLevel;
  /** Keys with a value, by tag: decoded text as sent (wildcards, ranges, UID lists with backslashes), never empty. */
  readonly matching: ReadonlyMap<string, string>;
  /** Tags of all keys of the identifier, those to match included. */
  readonly returning: readonly string[];
}

/** Finds what was stored, for C-FIND. */
export interface StudyFinder {
  /** Rows of the level asked for; at least the keys asked for that are known. Writes the audit row. */
  find(request: FindRequest): AsyncIterable<DicomJson>;
}

/** What a C-MOVE or C-GET asks for: unique keys from the top down to the level (PS3.4 C.4.2.2.1). */
export interface RetrieveRequest {
  readonly requester: Requester;
  readonly level: QueryLevel;
  /** Title of the receiving entity; the requester's own for C-GET. */
  readonly destinationAeTitle: string;
  readonly patientId: string | null;
  readonly studyInstanceUids: readonly string[];
  readonly seriesInstanceUids: readonly string[];
  readonly sopInstanceUids: readonly string[];
}

/** An instance that can be sent. */
export interface StoredInstance extends InstanceReference {
  /** Syntax in which the data set is kept, and in which it is sent wherever the receiver takes it. */
  readonly transferSyntaxUid: string;
  /** The data set as it came, without preamble and meta group. May throw after the first pieces. */
  open(): AsyncIterable<Uint8Array>;
  /**
   * The data set in implicit or explicit little endian, pixels decoded; null where that cannot be. Absent: it never can. The pieces
   * may throw after the first ones.
   */
  openPlain?(transferSyntaxUid: PlainTransferSyntax): Promise<AsyncIterable<Uint8Array> | null>;
  /** It cannot leave in the form its receiver is registered for: counts as failed, and the others go on. */
  readonly isRefused?: boolean;
}

/** Opens what was stored, for C-MOVE and C-GET. */
export interface InstanceSource {
  /** Whether a patient number of the requester's institution stands for several patients: a retrieval is of one. */
  isAmbiguous(requester: Requester, patientId: string): Promise<boolean>;
  /** The instances asked for that the requester may have. Writes the audit row. */
  select(request: RetrieveRequest): Promise<readonly StoredInstance[]>;
}

/** Reads and writes identifiers: the data sets of C-FIND, C-MOVE, C-GET and storage commitment. */
export interface IdentifierCodec {
  /** In the DICOM JSON model with decoded text. @throws when it cannot be read */
  read(dataSet: Uint8Array, transferSyntaxUid: string): DicomJson;
  /** Texts go out in the character set that (0008,0005) of the data set names. */
  write(dataSet: DicomJson, transferSyntaxUid: string): Uint8Array;
}

/** What became of the instances of a commitment request. Each is in exactly one list. */
export interface Commitment {
  readonly committed: readonly InstanceReference[];
  /** With the failure reason of PS3.3 C.14-1: 0112 no such instance, 0119 class and instance disagree, 0110 other. */
  readonly failed: readonly (InstanceReference & { readonly reason: number })[];
}

/** A report of storage commitment for a device that listens. */
export interface CommitmentReport {
  readonly requester: Requester;
  readonly transactionUid: string;
  readonly commitment: Commitment;
}

/** Tells which instances are kept for good, for storage commitment (PS3.4 annex J). */
export interface CommitmentLedger {
  commit(requester: Requester, references: readonly InstanceReference[]): Promise<Commitment>;
  /** Keeps a report, durably, and sends it until the device has taken it (`sendCommitmentReport`). */
  keepReport(report: CommitmentReport): Promise<void>;
}
