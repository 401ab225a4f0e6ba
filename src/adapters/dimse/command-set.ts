import { fail, ok, type Result } from '../../kernel/result.ts';
import { type Violation, violation } from './violation.ts';

/** Command fields (PS3.7 annex E). A response has the bit 0x8000 of its request. */
export const COMMAND = {
  store: 0x0001,
  get: 0x0010,
  find: 0x0020,
  move: 0x0021,
  echo: 0x0030,
  eventReport: 0x0100,
  getAttributes: 0x0110,
  setAttributes: 0x0120,
  action: 0x0130,
  create: 0x0140,
  delete: 0x0150,
  cancel: 0x0fff,
} as const;

/** Bit that makes a command field a response. */
export const RESPONSE = 0x8000;

/** Statuses that we give and look for (PS3.7 annex C, PS3.4 annexes B, C, J). */
export const STATUS = {
  success: 0x0000,
  processingFailure: 0x0110,
  noSuchSopClass: 0x0118,
  notAuthorized: 0x0124,
  unrecognizedOperation: 0x0211,
  noSuchActionType: 0x0123,
  sopClassNotSupported: 0x0122,
  outOfResources: 0xa700,
  unableToCalculateMatches: 0xa701,
  unableToPerformSubOperations: 0xa702,
  moveDestinationUnknown: 0xa801,
  dataSetMismatch: 0xa900,
  subOperationsWithFailures: 0xb000,
  cannotUnderstand: 0xc000,
  cancelled: 0xfe00,
  pending: 0xff00,
  pendingOptionalKeys: 0xff01,
} as const;

/** Elements of group 0000 by element number, with how they are written. All are Implicit VR Little Endian. */
const ELEMENTS = {
  affectedSopClassUid: [0x0002, 'uid'],
  requestedSopClassUid: [0x0003, 'uid'],
  commandField: [0x0100, 'number'],
  messageId: [0x0110, 'number'],
  messageIdRespondedTo: [0x0120, 'number'],
  moveDestination: [0x0600, 'text'],
  priority: [0x0700, 'number'],
  dataSetType: [0x0800, 'number'],
  status: [0x0900, 'number'],
  errorComment: [0x0902, 'text'],
  affectedSopInstanceUid: [0x1000, 'uid'],
  requestedSopInstanceUid: [0x1001, 'uid'],
  eventTypeId: [0x1002, 'number'],
  actionTypeId: [0x1008, 'number'],
  remainingSubOperations: [0x1020, 'number'],
  completedSubOperations: [0x1021, 'number'],
  failedSubOperations: [0x1022, 'number'],
  warningSubOperations: [0x1023, 'number'],
  moveOriginatorAeTitle: [0x1030, 'text'],
  moveOriginatorMessageId: [0x1031, 'number'],
} as const;

type ElementName = keyof typeof ELEMENTS;
type ValueOf<Name extends ElementName> = (typeof ELEMENTS)[Name][1] extends 'number' ? number : string;

/** A command set: what is there of group 0000. */
export type CommandSet = { readonly [Name in ElementName]?: ValueOf<Name> };

/** A command set with its command field, as every one that was read has it. */
export type ReadCommandSet = CommandSet & { readonly commandField: number; readonly hasDataSet: boolean };

/** Value of (0000,0800) that says that no data set follows. */
const NO_DATA_SET = 0x0101;
const WITH_DATA_SET = 0x0000;
const GROUP_LENGTH = 0x0000;
const HEADER_BYTES = 8;

const byNumber = new Map(
  Object.entries(ELEMENTS).map(([name, [element, form]]) => [element as number, { name, form }] as const),
);

const trimmed = (bytes: Buffer): string => bytes.toString('latin1').replace(/^ +|[\0 ]+$/g, '');

/**
 * Reads a whole command set. Elements out of order are taken, unknown ones of group 0000 skipped (retired ones are still
 * sent); odd or overlong lengths, other groups and a missing command field are violations.
 */
export const readCommandSet = (bytes: Uint8Array): Result<ReadCommandSet, Violation> => {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Record<string, number | string> = {};
  for (let at = 0; at < source.length; ) {
    if (at + HEADER_BYTES > source.length) return fail(violation('command-set'));
    const group = source.readUInt16LE(at);
    const element = source.readUInt16LE(at + 2);
    const length = source.readUInt32LE(at + 4);
    const start = at + HEADER_BYTES;
    if (group !== 0 || length % 2 !== 0 || length > source.length - start)
      return fail(violation('command-set'));
    const known = byNumber.get(element);
    if (known?.form === 'number') {
      // An empty number is as good as none; several in one element are none of ours.
      if (length === 2) found[known.name] = source.readUInt16LE(start);
      else if (length !== 0) return fail(violation('command-set'));
    } else if (known) found[known.name] = trimmed(source.subarray(start, start + length));
    at = start + length;
  }
  const commandField = found['commandField'];
  const dataSetType = found['dataSetType'];
  if (typeof commandField !== 'number' || typeof dataSetType !== 'number')
    return fail(violation('command-set'));
  return ok({ ...found, commandField, hasDataSet: dataSetType !== NO_DATA_SET });
};

const valueBytes = (form: 'number' | 'uid' | 'text', value: number | string): Buffer => {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    return bytes;
  }
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length % 2 === 0) return bytes;
  return Buffer.concat([bytes, Buffer.from(form === 'uid' ? [0] : [0x20])]);
};

const elementBytes = (element: number, value: Buffer): Buffer => {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16LE(element, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
};

/** Writes a command set with its group length. */
export const writeCommandSet = (command: CommandSet, hasDataSet: boolean): Buffer => {
  const values: CommandSet = { ...command, dataSetType: hasDataSet ? WITH_DATA_SET : NO_DATA_SET };
  const elements = (Object.keys(ELEMENTS) as ElementName[]).flatMap((name) => {
    const value = values[name];
    const [element, form] = ELEMENTS[name];
    return value === undefined ? [] : [elementBytes(element, valueBytes(form, value))];
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.reduce((sum, { length: bytes }) => sum + bytes, 0));
  return Buffer.concat([elementBytes(GROUP_LENGTH, length), ...elements]);
};
