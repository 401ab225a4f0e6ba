import type { ObservationGroup } from './observation.ts';
import type { ParsedMessage, Segment } from './parse.ts';
import type { Reading } from './reading.ts';

/** One OBR with everything that belongs to it. */
export interface ReportGroup {
  readonly obr: Segment;
  readonly orc: Segment | null;
  readonly observations: readonly ObservationGroup[];
  readonly specimens: readonly Segment[];
  /** NTE of the order and of the specimen. */
  readonly notes: readonly Segment[];
  /** Every segment of the group in order, for the sender's own places. */
  readonly segments: readonly Segment[];
}

interface OpenGroup extends ReportGroup {
  orc: Segment | null;
  readonly observations: ObservationGroup[];
  readonly specimens: Segment[];
  readonly notes: Segment[];
  readonly segments: Segment[];
}

/** What the last segment was, so that what follows can be attached to it. */
type Attachable =
  | ObservationGroup
  | 'order'
  | 'specimen'
  | 'specimen-observation'
  | 'patient'
  | 'patient-observation'
  | 'pending';

/**
 * Gathers the segments of a result message into reports, tolerant of the shapes of v2.3 to v2.8: ORC before OBR
 * (ORU) or after it (OUL^R22), SPM after the observations (ORU), directly after OBR, or before the OBR it serves
 * (OUL^R22). An OBX after SPM describes the specimen when the report has observations already or none has begun;
 * otherwise, and when it carries a document (ED), it is the report's own. Since v2.7 the group of the patient may hold
 * OBX too (weight, pregnancy): they are of no report. Before v2.7 there was no such place, and a result that stands
 * there has lost its report.
 */
export const gatherReports = (message: ParsedMessage, reading: Reading): readonly ReportGroup[] => {
  const isSpecimenOriented = message.header.get(9, 1).toUpperCase() === 'OUL';
  const mayObservePatient = /^2\.[7-9]/.test(message.header.get(12));
  const groups: OpenGroup[] = [];
  let current: OpenGroup | undefined;
  /** ORC and its NTE, waiting for their OBR. */
  let pending: Segment[] = [];
  /** SPM before the OBR that they serve, and whether an OBR has taken them already. */
  let leadingSpecimens: Segment[] = [];
  let areLeadingTaken = false;
  let last: Attachable = 'patient';

  const attachObservation = (obx: Segment): Attachable => {
    const followsSpecimen = last === 'specimen' || last === 'specimen-observation';
    // A document or picture is the report's, wherever the sender puts it: nobody describes a specimen by one.
    const describesSpecimen = followsSpecimen && !(current && obx.get(2).trim().toUpperCase() === 'ED');
    if (describesSpecimen && (!current || current.observations.length > 0)) return 'specimen-observation';
    if (mayObservePatient && (last === 'patient' || last === 'patient-observation')) {
      return 'patient-observation';
    }
    if (!current) {
      reading.refuse('HL7_RESULT_OUTSIDE_REPORT', obx.place);
      return 'patient';
    }
    const group: ObservationGroup = { obx, attached: [] };
    current.observations.push(group);
    current.segments.push(obx);
    return group;
  };

  for (const segment of message.segments) {
    switch (segment.name) {
      case 'ORC':
        if (isSpecimenOriented && current && current.orc === null && last === 'order') {
          current.orc = segment;
          current.segments.push(segment);
        } else {
          pending = [segment];
          current = undefined;
          last = 'pending';
        }
        break;
      case 'OBR':
        current = {
          obr: segment,
          orc: pending[0] ?? null,
          observations: [],
          specimens: [...leadingSpecimens],
          notes: pending.slice(1),
          segments: [...pending, segment, ...leadingSpecimens],
        };
        groups.push(current);
        areLeadingTaken = true;
        pending = [];
        last = 'order';
        break;
      case 'OBX':
        last = attachObservation(segment);
        break;
      case 'SPM':
        if (isSpecimenOriented || !current) {
          // One after an OBR begins the next specimen; a second one before any OBR belongs to the same orders.
          if (areLeadingTaken) leadingSpecimens = [];
          areLeadingTaken = false;
          leadingSpecimens.push(segment);
          current = undefined;
        } else {
          current.specimens.push(segment);
          current.segments.push(segment);
        }
        last = 'specimen';
        break;
      case 'PID':
        current = undefined;
        last = 'patient';
        break;
      default:
        if (last === 'pending' && segment.name === 'NTE') pending.push(segment);
        else attach(segment, last, current);
    }
  }
  return groups;
};

const attach = (segment: Segment, last: Attachable, current: OpenGroup | undefined): void => {
  if (typeof last === 'object') last.attached.push(segment);
  else if (segment.name === 'NTE' && (last === 'order' || last === 'specimen')) {
    current?.notes.push(segment);
  }
  current?.segments.push(segment);
};
