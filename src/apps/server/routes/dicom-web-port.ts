import type { CodedWanted } from '../../../adapters/dicomweb/accept.ts';
import type { Actor, ApplicationActor, CallOrigin, PatientActor } from '../flows-port.ts';

/** Who calls. */
export interface DicomWebCaller {
  readonly actor: Actor | PatientActor;
  readonly origin: CallOrigin;
  /** True where only headers will be sent: what is found is told all the same, and no byte of it is sent. */
  readonly isHead?: boolean;
}

/** Who retrieves: whoever may call, and an app for what it is answered as ImagingStudy. */
export interface DicomWebReader {
  readonly actor: Actor | PatientActor | ApplicationActor;
  readonly origin: CallOrigin;
  readonly isHead?: boolean;
}

/** A study, a series of it, or one instance, as an address names it. */
export interface DicomWebAddress {
  readonly study: string;
  readonly series: string | null;
  readonly instance: string | null;
}

/** A search (PS3.18 §10.6), read; tags are eight hex digits in upper case. */
export interface DicomWebSearch {
  readonly level: 'study' | 'series' | 'instance';
  /** The study searched in; null for studies themselves. */
  readonly study: string | null;
  readonly series: string | null;
  /** Attributes to match, by tag; several values of one UID attribute are alternatives. */
  readonly matching: ReadonlyMap<string, readonly string[]>;
  /** Public id of the person whose studies are asked for; null where the search does not say. */
  readonly person: string | null;
  readonly limit: number;
  readonly offset: number;
  /** What the answers say of the patient: what the headers say, or the person index now. */
  readonly patientModule: 'stored' | 'current';
}

/** What a search found. */
export interface DicomWebMatches {
  /** Data sets in the DICOM JSON model. */
  readonly matches: readonly object[];
  /** Whether there are more behind these. */
  readonly hasMore: boolean;
  /** Attributes that were asked to match and cannot be. */
  readonly unmatched: readonly string[];
  /** Whether anything is said of a patient that the stored headers do not say. */
  readonly isCorrected: boolean;
}

/** Bytes that are read while they are sent. */
export interface StoredPart {
  /** Of the part, with its transfer syntax. */
  readonly mediaType: string;
  /** Path of what it is, from `/dicom-web` on. */
  readonly location: string;
  readonly length: number;
  /** SHA-256 of the object that it is read from: a UID may stand for other content after a correction. */
  readonly content: string;
  /** From `from` on, to the end or for `length` bytes. */
  pieces(from?: number, length?: number): AsyncIterable<Uint8Array>;
  /** All of it at once, the caller's alone, where it is small enough: one picture. Absent: only piece by piece. */
  whole?(): Promise<readonly Uint8Array[]>;
}

/**
 * The version of the content that this was read from: an address that names it never means anything else. null where none can be
 * named: of an open series, of several series, with the header of now.
 */
export type ContentVersion = string | null;

/** Frames of one instance. */
export interface StoredFrames {
  readonly transferSyntaxUid: string;
  readonly frames: readonly StoredPart[];
  /** Syntax of the original where these are frames of a view copy; null where they are the original's. */
  readonly copyOf: string | null;
  readonly version: ContentVersion;
  /** The same as uncompressed little endian words, no sample changed; null where that cannot be. */
  plain(): Promise<readonly StoredPart[] | null>;
}

/** Metadata of one or more series: as gzip where they are stored that way. */
export interface StoredMetadata {
  /** Gzip of a JSON array of data sets. */
  readonly gzip: Uint8Array;
  /** Of this very content. */
  readonly etag: string;
  readonly version: ContentVersion;
}

/** A picture for the screen. */
export interface Picture {
  readonly mediaType: 'image/jpeg' | 'image/png';
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly version: ContentVersion;
}

/** How a picture was asked for (PS3.18 §8.3.5). */
export interface PictureRequest {
  readonly mediaType: 'image/jpeg' | 'image/png';
  readonly quality: number;
  readonly widthMax: number | null;
  readonly heightMax: number | null;
  /** Whether a smaller picture is enlarged until it meets one of these. */
  readonly isEnlarged?: boolean;
  /** What of a frame is shown, in its pixels, and how it is turned over; absent: all of it. */
  readonly region?: {
    readonly left: number;
    readonly top: number;
    readonly width: number | null;
    readonly height: number | null;
    readonly isMirrored: boolean;
    readonly isUpsideDown: boolean;
  };
  readonly window: {
    readonly center: number;
    readonly width: number;
    readonly windowFunction?: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';
  } | null;
}

/** One of several pictures, drawn. */
export interface MadePicture {
  readonly mediaType: string;
  /** Path of what it shows, from `/dicom-web` on. */
  readonly location: string;
  readonly bytes: Uint8Array;
}

/** Pictures of all frames of what is addressed, in their order. */
export interface Pictures {
  readonly mediaType: PictureRequest['mediaType'];
  /** Drawn one after the other while they are taken; one that cannot be drawn after all is thrown. */
  readonly parts: AsyncIterable<MadePicture>;
  /** Frames of which is known beforehand that nothing here draws them. */
  readonly leftOut: number;
  readonly etag: string;
  readonly version: ContentVersion;
}

/** What became of one instance of a store request. */
export interface StoredReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string | null;
  readonly seriesUid: string | null;
  /** Failure reason (PS3.18 §I.2.2); null when it was stored. */
  readonly failure: number | null;
}

/** Retrieval (PS3.18 §10.4) for readers of a kind. What is not for the reader is answered as what is not there. */
export interface DicomWebRetrieval<Reader> {
  /** @throws STUDY_UNKNOWN, as do all that follow */
  metadata(reader: Reader, address: DicomWebAddress): Promise<StoredMetadata>;
  instances(reader: Reader, address: DicomWebAddress): Promise<readonly StoredPart[]>;
  /**
   * @param copy asks for the view copy's frames; without one they are the original's
   * @throws FRAME_UNKNOWN
   */
  frames(
    reader: Reader,
    address: DicomWebAddress,
    frames: readonly number[],
    copy: CodedWanted | null,
  ): Promise<StoredFrames>;
  /** A large value by the path of its metadata. @throws BULK_DATA_UNKNOWN */
  bulkData(reader: Reader, address: DicomWebAddress, path: string): Promise<StoredPart>;
  /** The picture that stands for what is addressed, or one frame. @throws FRAME_UNKNOWN, FRAME_NOT_RENDERED */
  picture(
    reader: Reader,
    address: DicomWebAddress,
    frame: number | null,
    request: PictureRequest,
  ): Promise<Picture>;
  /**
   * The pictures of all frames of what is addressed.
   *
   * @param frames of the one instance that is addressed; null: all
   * @throws FRAME_UNKNOWN, FRAME_NOT_RENDERED of the first, PICTURES_TOO_MANY
   */
  pictures(
    reader: Reader,
    address: DicomWebAddress,
    frames: readonly number[] | null,
    request: PictureRequest,
  ): Promise<Pictures>;
  thumbnail(reader: Reader, address: DicomWebAddress): Promise<Picture>;
  /** The video of one instance, as it is encapsulated: an MP4. @throws VIDEO_NOT_PLAYABLE */
  video(reader: Reader, address: DicomWebAddress): Promise<StoredPart>;
}

/** Instances as they leave, and whether any header differs from the stored one. */
export interface CorrectedParts {
  readonly parts: readonly StoredPart[];
  readonly isCorrected: boolean;
  /** Of these very headers. */
  readonly etag: string;
}

/** DICOMweb (PS3.18) for whoever is signed in. */
export interface DicomWeb extends DicomWebRetrieval<DicomWebReader> {
  search(reader: DicomWebCaller, search: DicomWebSearch): Promise<DicomWebMatches>;
  /** Instances whose headers say of the patient what the person index says now. @throws HEADER_NOT_CORRECTED */
  corrected(reader: DicomWebReader, address: DicomWebAddress): Promise<CorrectedParts>;
  /** Metadata that say of the patient what the person index says now. */
  correctedMetadata(
    reader: DicomWebReader,
    address: DicomWebAddress,
  ): Promise<StoredMetadata & { readonly isCorrected: boolean }>;
  /** Stores the instances of a body of several parts. @param study all must be of, null: any */
  store(
    reader: DicomWebCaller,
    study: string | null,
    body: { readonly mediaType: string; readonly pieces: AsyncIterable<Uint8Array> },
  ): Promise<readonly StoredReference[]>;
}
