import type { Brand } from '../kernel/brand.ts';

/** Study Instance UID (0020,000D). Unique in the world by the standard, in practice only at one institution. */
export type StudyUid = Brand<string, 'StudyUid'>;
/** Series Instance UID (0020,000E). */
export type SeriesUid = Brand<string, 'SeriesUid'>;
/** SOP Instance UID (0008,0018): one image, waveform, document. */
export type SopInstanceUid = Brand<string, 'SopInstanceUid'>;

const UID_CHARACTERS_MAX = 64;

/**
 * True for the text of a unique identifier (PS3.5 §9.1): digits and single dots, at most 64 characters. Leading zeros of
 * a component are forbidden there and sent by real devices, so they pass: a UID is compared, never computed with.
 */
export const isUid = (text: string): boolean =>
  text.length <= UID_CHARACTERS_MAX && /^[0-9]+(\.[0-9]+)*$/.test(text);

/**
 * Huren as an implementation of DICOM, in every association and in the meta group of every file; a UUID as UID (PS3.5 B.2), so
 * that no registered root is needed. It stands in every stored object, before the data set: it never changes.
 */
export const IMPLEMENTATION_CLASS_UID = '2.25.112403486217590838424716254370131950342';
