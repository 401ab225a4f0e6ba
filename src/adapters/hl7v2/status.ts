import type { StatedStatus } from '../../result/index.ts';
import type { Segment } from './parse.ts';
import type { Reading } from './reading.ts';

/** OBR-25, HL7 table 0123, with the D and W that senders borrow from table 0085. */
const REPORT_STATUS: Readonly<Record<string, StatedStatus>> = {
  O: 'registered',
  I: 'registered',
  S: 'registered',
  N: 'registered',
  A: 'preliminary',
  P: 'preliminary',
  R: 'preliminary',
  M: 'preliminary',
  F: 'final',
  C: 'corrected',
  X: 'cancelled',
  D: 'deleted',
  W: 'wrong',
};

/** OBX-11, HL7 table 0085: the same letters, not the same meanings. */
const OBSERVATION_STATUS: Readonly<Record<string, StatedStatus>> = {
  O: 'registered',
  I: 'registered',
  N: 'registered',
  P: 'preliminary',
  R: 'preliminary',
  S: 'preliminary',
  F: 'final',
  U: 'final',
  V: 'final',
  A: 'corrected',
  B: 'corrected',
  C: 'corrected',
  D: 'deleted',
  W: 'wrong',
  X: 'not-obtained',
};

const statusIn = (
  table: Readonly<Record<string, StatedStatus>>,
  segment: Segment,
  field: number,
  reading: Reading,
): StatedStatus => {
  const code = segment.get(field).trim().toUpperCase();
  if (code === '') return 'not-stated';
  const status = table[code];
  if (!status) reading.refuse('HL7_STATUS_UNKNOWN', segment.placeOf(field));
  return status ?? 'not-stated';
};

/** Status of a report (OBR-25). */
export const readReportStatus = (obr: Segment, reading: Reading): StatedStatus =>
  statusIn(REPORT_STATUS, obr, 25, reading);

/**
 * Status of an observation (OBX-11). U says that an earlier preliminary value is now final without sending it; it is
 * taken only with its value, because an empty final value would wipe out the one it confirms.
 */
export const readObservationStatus = (obx: Segment, reading: Reading): StatedStatus => {
  const status = statusIn(OBSERVATION_STATUS, obx, 11, reading);
  if (obx.get(11).trim().toUpperCase() === 'U' && obx.raw(5) === '') {
    reading.refuse('HL7_STATUS_WITHOUT_VALUE', obx.placeOf(11));
  }
  return status;
};
