import { STATUS } from './command-set.ts';
import { keyText, TAG } from './identifier.ts';
import { type Operation, respond } from './operation.ts';
import type { DicomJson, FindRequest, QueryLevel, StudyFinder } from './ports.ts';
import { SOP_CLASS } from './syntaxes.ts';

const LEVELS: Readonly<Record<FindRequest['model'], readonly QueryLevel[]>> = {
  'patient-root': ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'],
  'study-root': ['STUDY', 'SERIES', 'IMAGE'],
};

const PATIENT_ROOT: ReadonlySet<string> = new Set([
  SOP_CLASS.patientRootFind,
  SOP_CLASS.patientRootMove,
  SOP_CLASS.patientRootGet,
]);

/** The information model of a class. */
export const modelOf = (sopClassUid: string): FindRequest['model'] =>
  PATIENT_ROOT.has(sopClassUid) ? 'patient-root' : 'study-root';

/** The level of an identifier, if the model has it. */
export const levelOf = (identifier: DicomJson, model: FindRequest['model']): QueryLevel | undefined => {
  const text = keyText(identifier, TAG.queryRetrieveLevel);
  return LEVELS[model].find((level) => level === text);
};

/** Attributes of the query itself, which match nothing. */
const NOT_KEYS: ReadonlySet<string> = new Set([
  TAG.specificCharacterSet,
  TAG.queryRetrieveLevel,
  TAG.queryRetrieveView,
  TAG.retrieveAeTitle,
  TAG.instanceAvailability,
  TAG.timezoneOffset,
]);

const isKey = (tag: string): boolean => !NOT_KEYS.has(tag) && !tag.endsWith('0000');

const ANSWERED_CHARSETS: ReadonlySet<string> = new Set(['GB18030', 'GBK', 'ISO_IR 192']);
const BEYOND_ASCII = /[^\0-\x7f]/;

/**
 * The character set of a response: the one the question was asked in where it holds Chinese, because old workstations read
 * no other; UTF-8 else; none where nothing needs one.
 */
const charsetOf = (row: DicomJson, asked: string): string | undefined => {
  if (!BEYOND_ASCII.test(JSON.stringify(row))) return undefined;
  return ANSWERED_CHARSETS.has(asked) ? asked : 'ISO_IR 192';
};

/** One row as the identifier of a response: every key that was asked for, empty where it is not known. */
const responseOf = (row: DicomJson, asked: DicomJson, level: QueryLevel, ownAeTitle: string): DicomJson => {
  const response: Record<string, DicomJson[string]> = {
    [TAG.queryRetrieveLevel]: { vr: 'CS', Value: [level] },
    [TAG.retrieveAeTitle]: { vr: 'AE', Value: [ownAeTitle] },
  };
  for (const [tag, { vr }] of Object.entries(asked)) if (isKey(tag)) response[tag] = row[tag] ?? { vr };
  if (asked[TAG.instanceAvailability]) response[TAG.instanceAvailability] = { vr: 'CS', Value: ['ONLINE'] };
  const charset = charsetOf(response, keyText(asked, TAG.specificCharacterSet));
  if (charset !== undefined) response[TAG.specificCharacterSet] = { vr: 'CS', Value: [charset] };
  return response;
};

/** C-FIND as provider (PS3.4 annex C.4.1). */
export const serveFind = async (operation: Operation, finder: StudyFinder): Promise<void> => {
  const { association, request, identifier, codec } = operation;
  const { abstractSyntax, transferSyntax } = request.on;
  const asked = codec.read(identifier, transferSyntax);
  const model = modelOf(abstractSyntax);
  const level = levelOf(asked, model);
  if (level === undefined) return respond(operation, { status: STATUS.dataSetMismatch });
  const keys = Object.keys(asked).filter(isKey);
  const matching = new Map(
    keys.map((tag) => [tag, keyText(asked, tag)] as const).filter(([, text]) => text !== ''),
  );
  const { requester } = association;
  const rows = finder.find({ requester, model, level, matching, returning: keys });
  for await (const row of rows) {
    if (operation.isCancelled()) return respond(operation, { status: STATUS.cancelled });
    const response = responseOf(row, asked, level, requester.calledAeTitle);
    await respond(operation, { status: STATUS.pending }, codec.write(response, transferSyntax));
  }
  await respond(operation, { status: STATUS.success });
};
