import { IMPLEMENTATION_CLASS_UID } from '../../imaging/index.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { ASSOCIATE_FIXED_BYTES, PDU } from './pdu-reader.ts';
import { ABORT_REASON, type Violation, violation } from './violation.ts';

/** One proposed presentation context. */
export interface ProposedContext {
  /** Odd, 1 to 255. */
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

/** Which roles the association's requestor may or will take for a SOP class (PS3.7 §D.3.3.4). */
export interface RoleSelection {
  readonly sopClassUid: string;
  readonly scu: boolean;
  readonly scp: boolean;
}

/** An A-ASSOCIATE-RQ, read. What a requestor says of its user (item 0x58) is neither kept nor believed. */
export interface AssociateRequest {
  readonly protocolVersion: number;
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  readonly applicationContext: string;
  readonly contexts: readonly ProposedContext[];
  /** Longest P-DATA that the requestor takes; 0: no limit. */
  readonly maxPduLength: number;
  readonly roles: readonly RoleSelection[];
  /** Whether asynchronous operations (item 0x53) were proposed. */
  readonly wantsAsynchronous: boolean;
  readonly implementationClassUid: string;
  readonly implementationVersionName: string;
}

/** The acceptor's word about one context: 0 accepted, 1 not for this user, 3 abstract syntax, 4 transfer syntaxes. */
export interface ContextAnswer {
  readonly id: number;
  readonly result: number;
  /** Meaningful when accepted only. */
  readonly transferSyntax: string;
}

/** An A-ASSOCIATE-AC, read. */
export interface AssociateAccept {
  readonly contexts: readonly ContextAnswer[];
  readonly maxPduLength: number;
  readonly roles: readonly RoleSelection[];
}

/** UID of the one application context there is (PS3.7 annex A). */
export const APPLICATION_CONTEXT_UID = '1.2.840.10008.3.1.1.1';
const IMPLEMENTATION_VERSION_NAME = 'HUREN_0_1';
/** Ids are odd and one byte long. */
export const MAX_CONTEXTS = 128;

const ITEM = {
  applicationContext: 0x10,
  proposedContext: 0x20,
  contextAnswer: 0x21,
  abstractSyntax: 0x30,
  transferSyntax: 0x40,
  userInformation: 0x50,
  maxLength: 0x51,
  implementationClass: 0x52,
  asynchronous: 0x53,
  role: 0x54,
  implementationVersion: 0x55,
} as const;

interface Item {
  readonly type: number;
  readonly body: Buffer;
}

/** Thrown inside this file only, and turned into a value at its edge. */
class Broken extends Error {
  readonly violation: Violation;
  constructor(rule: Violation['rule'], reason: Violation['reason'] = ABORT_REASON.invalidParameter) {
    super(rule);
    this.violation = violation(rule, reason);
  }
}

/** Cuts items {type, reserved, length, value}; unknown types are the caller's to ignore (PS3.8 §9.3.1). */
const itemsOf = (bytes: Buffer): Item[] => {
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw new Broken('item-length');
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length) throw new Broken('item-length');
    items.push({ type: bytes[at] as number, body: bytes.subarray(at + 4, end) });
    at = end;
  }
  return items;
};

/** Text of an item. Senders pad UIDs with NUL and titles with blanks, at either end. */
const textOf = (bytes: Buffer): string => bytes.toString('latin1').replace(/^[\0 ]+|[\0 ]+$/g, '');

const contextId = (body: Buffer): number => {
  if (body.length < 4) throw new Broken('item-length');
  const id = body[0] as number;
  if (id % 2 === 0) throw new Broken('context-id');
  return id;
};

const proposedContext = (body: Buffer): ProposedContext => {
  const id = contextId(body);
  let abstractSyntax: string | undefined;
  const transferSyntaxes: string[] = [];
  for (const item of itemsOf(body.subarray(4))) {
    if (item.type === ITEM.transferSyntax) transferSyntaxes.push(textOf(item.body));
    else if (item.type === ITEM.abstractSyntax) {
      if (abstractSyntax !== undefined) throw new Broken('item-value', ABORT_REASON.unexpectedParameter);
      abstractSyntax = textOf(item.body);
    }
  }
  if (abstractSyntax === undefined || transferSyntaxes.length === 0) throw new Broken('item-missing');
  return { id, abstractSyntax, transferSyntaxes };
};

const roleSelection = (body: Buffer): RoleSelection => {
  if (body.length < 4) throw new Broken('item-length');
  const uidBytes = body.readUInt16BE(0);
  if (body.length !== 2 + uidBytes + 2) throw new Broken('item-length');
  return {
    sopClassUid: textOf(body.subarray(2, 2 + uidBytes)),
    scu: body[2 + uidBytes] === 1,
    scp: body[3 + uidBytes] === 1,
  };
};

interface UserInformation {
  maxPduLength: number;
  implementationClassUid: string;
  implementationVersionName: string;
  wantsAsynchronous: boolean;
  readonly roles: RoleSelection[];
}

const userInformation = (body: Buffer): UserInformation => {
  const found: UserInformation = {
    maxPduLength: 0,
    implementationClassUid: '',
    implementationVersionName: '',
    wantsAsynchronous: false,
    roles: [],
  };
  for (const item of itemsOf(body))
    switch (item.type) {
      case ITEM.maxLength:
        if (item.body.length !== 4) throw new Broken('item-length');
        found.maxPduLength = item.body.readUInt32BE(0);
        break;
      case ITEM.implementationClass:
        found.implementationClassUid = textOf(item.body);
        break;
      case ITEM.implementationVersion:
        found.implementationVersionName = textOf(item.body);
        break;
      case ITEM.asynchronous:
        if (item.body.length !== 4) throw new Broken('item-length');
        found.wantsAsynchronous = true;
        break;
      case ITEM.role:
        found.roles.push(roleSelection(item.body));
        break;
      default:
      // 0x56 and 0x57 (extended negotiation) and 0x58 (user identity) stay unanswered: that refuses what they offer.
    }
  // A peer that takes less than one PDV with one byte takes nothing.
  if (found.maxPduLength !== 0 && found.maxPduLength < 7) throw new Broken('item-value');
  return found;
};

const reading = <Value>(read: () => Value): Result<Value, Violation> => {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof Broken) return fail(error.violation);
    throw error;
  }
};

/** Reads the body of an A-ASSOCIATE-RQ (PS3.8 §9.3.2). */
export const readAssociateRequest = (bytes: Uint8Array): Result<AssociateRequest, Violation> =>
  reading(() => {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let applicationContext: string | undefined;
    let user: UserInformation | undefined;
    const contexts = new Map<number, ProposedContext>();
    for (const item of itemsOf(body.subarray(ASSOCIATE_FIXED_BYTES)))
      if (item.type === ITEM.applicationContext) applicationContext = textOf(item.body);
      else if (item.type === ITEM.userInformation) user = userInformation(item.body);
      else if (item.type === ITEM.proposedContext) {
        const context = proposedContext(item.body);
        if (contexts.has(context.id)) throw new Broken('context-id');
        contexts.set(context.id, context);
      }
    if (applicationContext === undefined || user === undefined) throw new Broken('item-missing');
    if (contexts.size === 0 || contexts.size > MAX_CONTEXTS) throw new Broken('context-count');
    return {
      protocolVersion: body.readUInt16BE(0),
      calledAeTitle: textOf(body.subarray(4, 20)),
      callingAeTitle: textOf(body.subarray(20, 36)),
      applicationContext,
      contexts: [...contexts.values()],
      ...user,
    };
  });

/** Reads the body of an A-ASSOCIATE-AC (PS3.8 §9.3.3). */
export const readAssociateAccept = (bytes: Uint8Array): Result<AssociateAccept, Violation> =>
  reading(() => {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let user: UserInformation | undefined;
    const contexts: ContextAnswer[] = [];
    for (const item of itemsOf(body.subarray(ASSOCIATE_FIXED_BYTES)))
      if (item.type === ITEM.userInformation) user = userInformation(item.body);
      else if (item.type === ITEM.contextAnswer) {
        const id = contextId(item.body);
        const [syntax] = itemsOf(item.body.subarray(4)).filter(({ type }) => type === ITEM.transferSyntax);
        const result = item.body[2] as number;
        if (result === 0 && !syntax) throw new Broken('item-missing');
        contexts.push({ id, result, transferSyntax: syntax ? textOf(syntax.body) : '' });
      }
    if (user === undefined) throw new Broken('item-missing');
    return { contexts, maxPduLength: user.maxPduLength, roles: user.roles };
  });

const item = (type: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const head = Buffer.from([type, 0, 0, 0]);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
};

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const title = (value: string): Buffer => text(value.padEnd(16).slice(0, 16));
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const roleItem = ({ sopClassUid, scu, scp }: RoleSelection): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(sopClassUid.length);
  return item(ITEM.role, length, text(sopClassUid), Buffer.from([scu ? 1 : 0, scp ? 1 : 0]));
};

const userItem = (maxPduLength: number, asynchronous: boolean, roles: readonly RoleSelection[]): Buffer =>
  item(
    ITEM.userInformation,
    item(ITEM.maxLength, uint32(maxPduLength)),
    item(ITEM.implementationClass, text(IMPLEMENTATION_CLASS_UID)),
    // One operation at a time, whatever was proposed.
    ...(asynchronous ? [item(ITEM.asynchronous, Buffer.from([0, 1, 0, 1]))] : []),
    ...roles.map(roleItem),
    item(ITEM.implementationVersion, text(IMPLEMENTATION_VERSION_NAME)),
  );

/** Puts the header of a PDU before its body. */
export const pdu = (type: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type, 0]), uint32(body.length), body]);
};

const fixedFields = (calledAeTitle: string, callingAeTitle: string): Buffer =>
  Buffer.concat([Buffer.from([0, 1, 0, 0]), title(calledAeTitle), title(callingAeTitle), Buffer.alloc(32)]);

/** Writes an A-ASSOCIATE-RQ. */
export const writeAssociateRequest = (request: {
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  readonly contexts: readonly ProposedContext[];
  readonly maxPduLength: number;
  readonly roles: readonly RoleSelection[];
}): Buffer =>
  pdu(
    PDU.associateRequest,
    fixedFields(request.calledAeTitle, request.callingAeTitle),
    item(ITEM.applicationContext, text(APPLICATION_CONTEXT_UID)),
    ...request.contexts.map(({ id, abstractSyntax, transferSyntaxes }) =>
      item(
        ITEM.proposedContext,
        Buffer.from([id, 0, 0, 0]),
        item(ITEM.abstractSyntax, text(abstractSyntax)),
        ...transferSyntaxes.map((syntax) => item(ITEM.transferSyntax, text(syntax))),
      ),
    ),
    userItem(request.maxPduLength, false, request.roles),
  );

/** Writes the A-ASSOCIATE-AC to a request; titles come back as they were sent. */
export const writeAssociateAccept = (
  to: Pick<AssociateRequest, 'calledAeTitle' | 'callingAeTitle' | 'wantsAsynchronous'>,
  answer: {
    readonly contexts: readonly ContextAnswer[];
    readonly roles: readonly RoleSelection[];
    readonly maxPduLength: number;
  },
): Buffer =>
  pdu(
    PDU.associateAccept,
    fixedFields(to.calledAeTitle, to.callingAeTitle),
    item(ITEM.applicationContext, text(APPLICATION_CONTEXT_UID)),
    ...answer.contexts.map(({ id, result, transferSyntax }) =>
      item(
        ITEM.contextAnswer,
        Buffer.from([id, 0, result, 0]),
        item(ITEM.transferSyntax, text(transferSyntax)),
      ),
    ),
    userItem(answer.maxPduLength, to.wantsAsynchronous, answer.roles),
  );

/** Why an association is rejected, as the three bytes of A-ASSOCIATE-RJ (PS3.8 §9.3.4): result, source, reason. */
export const REJECTION = {
  applicationContext: [1, 1, 2],
  callingAeTitle: [1, 1, 3],
  calledAeTitle: [1, 1, 7],
  protocolVersion: [1, 2, 2],
  temporaryCongestion: [2, 3, 1],
  localLimit: [2, 3, 2],
} as const;

/** One of `REJECTION`. */
export type Rejection = keyof typeof REJECTION;

/** Writes an A-ASSOCIATE-RJ. */
export const writeAssociateReject = (rejection: Rejection): Buffer =>
  pdu(PDU.associateReject, Buffer.from([0, ...REJECTION[rejection]]));

/** Writes A-RELEASE-RQ or A-RELEASE-RP. */
export const writeRelease = (type: typeof PDU.releaseRequest | typeof PDU.releaseResponse): Buffer =>
  pdu(type, Buffer.alloc(4));

/** Writes an A-ABORT: of the service provider with a reason, or of the service user, which gives none. */
export const writeAbort = (by: Violation | 'user'): Buffer =>
  pdu(PDU.abort, Buffer.from(by === 'user' ? [0, 0, 0, 0] : [0, 0, 2, by.reason]));
