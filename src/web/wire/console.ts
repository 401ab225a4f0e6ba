import { z } from 'zod';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';

/** Where a message stands: taken, or quarantined and waiting, taken since, or given up. */
export const MESSAGE_STATES = ['accepted', 'open', 'resolved', 'discarded'] as const;

/** Stretches of time the overview shows, with the width of their steps in minutes. */
export const SPANS = { hour: 1, day: 60, week: 60 } as const;

/** Opaque id of a message: a public id in quarantine, else made of its time and a keyed hash. */
export const messageIdShape = z.string().regex(/^[0-9a-z-]{8,64}$/);

const institutionCodeShape = z.string().min(1).max(64);
const countShape = z.int().nonnegative();
const reasonText = z
  .string()
  .trim()
  .min(2)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u);

/** Whose traffic. Those who belong to an institution may leave it out, and may name no other. */
export const consoleScopeShape = z.strictObject({ institution: institutionCodeShape.optional() });

/** `GET /api/console/overview`. */
export const overviewQueryShape = z.strictObject({
  institution: institutionCodeShape.optional(),
  span: z.enum(['hour', 'day', 'week']).default('hour'),
});

const tallyShape = z.strictObject({
  accepted: countShape,
  quarantined: countShape,
  duplicates: countShape,
});

const senderSummaryShape = z.strictObject({
  code: z.string(),
  /** MSH-3 and MSH-4 by which its messages are known. */
  application: z.string(),
  facility: z.string(),
  charset: z.string(),
  zone: z.string(),
  reusesControlIds: z.boolean(),
  /** Habits agreed with this sender, as registered. */
  dialect: z.record(z.string(), z.unknown()),
  /** Newest message of any kind; null when none ever came. */
  lastMessageAt: momentShape.nullable(),
  /** Quarantined messages that wait. */
  open: countShape,
  /** In the span asked for. */
  tally: tallyShape,
});

/** What came from an institution's senders, and what waits. */
export const overviewAnswerShape = z.strictObject({
  institution: z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() }),
  asOf: momentShape,
  from: momentShape,
  stepMinutes: z.int(),
  steps: z.array(tallyShape.extend({ at: momentShape })),
  totals: tallyShape,
  quarantine: z.strictObject({ open: countShape, resolved: countShape, discarded: countShape }),
  /** Open quarantined messages by reason, most first. */
  reasons: z.array(
    z.strictObject({ code: z.string(), text: bilingualShape, messages: countShape, lastAt: momentShape }),
  ),
  unmapped: z.strictObject({ codes: countShape, results: countShape }),
  senders: z.array(senderSummaryShape),
});

/** `GET /api/console/institutions`: whose traffic the caller may see. */
export const institutionsAnswerShape = z.strictObject({
  institutions: z.array(z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() })),
});

/** `GET /api/console/messages`. All given members must hold. */
export const messagesQueryShape = z.strictObject({
  institution: institutionCodeShape.optional(),
  sender: z.string().max(100).optional(),
  state: z.enum(MESSAGE_STATES).optional(),
  /** Code of the reason for which it was quarantined. */
  reason: z
    .string()
    .regex(/^[A-Z0-9_]{1,64}$/)
    .optional(),
  /** MSH-9, e.g. `ORU^R01`. */
  type: z.string().max(20).optional(),
  /** MSH-10, whole. */
  controlId: z.string().min(1).max(199).optional(),
  from: momentShape.optional(),
  /** Before this moment: `next` of the page before. */
  before: momentShape.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const messageSummaryShape = z.strictObject({
  id: messageIdShape,
  state: z.enum(MESSAGE_STATES),
  /** null: no sender with this MSH-3 and MSH-4 is registered. */
  sender: z.string().nullable(),
  controlId: z.string().nullable(),
  type: z.string().nullable(),
  receivedAt: momentShape,
  /** Times the same quarantined bytes came. */
  arrivals: countShape,
  sizeBytes: countShape,
  reason: z
    .strictObject({ code: z.string(), place: z.string(), detail: z.string(), text: bilingualShape })
    .nullable(),
});

/** One page of messages, newest first. */
export const messagesAnswerShape = z.strictObject({
  asOf: momentShape,
  messages: z.array(messageSummaryShape),
  /** `before` of the next page; null when there is none. */
  next: momentShape.nullable(),
});

/** `GET /api/console/unknown-senders`: whose messages wait because their MSH-3 and MSH-4 are not registered. */
export const unknownSendersAnswerShape = z.strictObject({
  asOf: momentShape,
  /** True when there are more than are listed. */
  truncated: z.boolean(),
  senders: z.array(
    z.strictObject({
      /** MSH-3 and MSH-4 as sent. */
      application: z.string(),
      facility: z.string(),
      /** Quarantined messages that wait. */
      messages: countShape,
      firstAt: momentShape,
      lastAt: momentShape,
    }),
  ),
});

/** How a field stands: read and good, not used, worth a look, or the reason for a refusal. */
export const FIELD_STATES = ['ok', 'unused', 'warning', 'error'] as const;

const remarkShape = z.strictObject({
  code: z.string(),
  state: z.enum(['warning', 'error']),
  text: bilingualShape,
  detail: z.string(),
});

const fieldShape = z.strictObject({
  /** `OBX[3]-5`. */
  place: z.string(),
  number: z.int(),
  name: bilingualShape.nullable(),
  /** Standard and section. */
  clause: z.string().nullable(),
  raw: z.string(),
  length: countShape,
  repetitions: z.array(z.array(z.strictObject({ number: z.int(), text: z.string() }))),
  state: z.enum(FIELD_STATES),
  /** What we understood, in our own words. */
  reading: bilingualShape.nullable(),
  remarks: z.array(remarkShape),
});

const segmentShape = z.strictObject({
  place: z.string(),
  name: bilingualShape.nullable(),
  clause: z.string().nullable(),
  state: z.enum(FIELD_STATES),
  fields: z.array(fieldShape),
});

const lineShape = z.strictObject({
  place: z.string(),
  localCode: z.string(),
  localName: z.string(),
  item: z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() }).nullable(),
  valueText: z.string(),
  valueKind: z.string(),
  unitText: z.string(),
  /** UCUM; null when the unit is not understood, empty when none was stated. */
  unit: z.string().nullable(),
  referenceText: z.string(),
  flag: z.string().nullable(),
  specimen: bilingualShape.nullable(),
  method: z.string().nullable(),
  status: z.string(),
  remarks: z.array(remarkShape),
});

const reportShape = z.strictObject({
  place: z.string(),
  kind: z.string(),
  reportNumber: z.string(),
  orderNumber: z.string(),
  title: z.string(),
  status: z.string(),
  collectedAt: z.string().nullable(),
  reportedAt: z.string().nullable(),
  lines: z.array(lineShape),
});

/** What became of the patient of a message. Says nothing about any other record. */
export const PERSON_DECISIONS = ['known', 'new', 'linked', 'queued'] as const;

const hintShape = z.strictObject({
  code: z.string(),
  state: z.enum(['met', 'advice']),
  place: z.string(),
  text: bilingualShape,
});

const annotatedShape = z.strictObject({
  /** Name of the character set in HL7 table 0211. */
  charset: z.string(),
  /** The bytes by line: characters, and undecodable bytes as numbers. */
  lines: z.array(
    z.array(z.union([z.strictObject({ text: z.string() }), z.strictObject({ hex: z.string() })])),
  ),
  undecodable: countShape,
  cut: z.boolean(),
  segments: z.array(segmentShape),
  /** Every reason against it, the first being the one the sender was told. */
  refusals: z.array(
    z.strictObject({ code: z.string(), place: z.string(), detail: z.string(), text: bilingualShape }),
  ),
  reports: z.array(reportShape),
  hints: z.array(hintShape),
});

const acknowledgementShape = z.strictObject({
  /** MSA-1; null when the sender's conditions ask for no answer. */
  code: z.string().nullable(),
  segments: z.array(z.string()),
  /** False when it was written again from the reason, because only answers to accepted messages are kept. */
  kept: z.boolean(),
});

const actShape = z.strictObject({
  id: publicIdShape,
  kind: z.enum(['replay', 'edited-replay', 'discard']),
  actor: z.string(),
  reason: z.string(),
  at: momentShape,
  outcome: z.string().nullable(),
  reasonCode: z.string().nullable(),
  place: z.string().nullable(),
  /** The edited copy, for those who replayed one. */
  text: z.string().nullable(),
});

/** One message, as it came and as it was understood. Opening it is on record. */
export const messageAnswerShape = messageSummaryShape.extend({
  /** True for whoever operates the platform: the form of the message is shown, and nothing of what it says. */
  isMasked: z.boolean(),
  annotated: annotatedShape,
  /** For editing a copy; undecodable bytes as marks `⟪D1⟫`. */
  editable: z.string().nullable(),
  acknowledgement: acknowledgementShape,
  person: z.enum(PERSON_DECISIONS).nullable(),
  attempts: countShape,
  resolvedAt: momentShape.nullable(),
  acts: z.array(actShape),
});

/** `POST /api/console/messages/{id}/replays`. Without `text` the message goes in as it was sent. */
export const replayRequestShape = z.strictObject({
  reason: reasonText,
  text: z
    .string()
    .min(1)
    .max(2 * 1024 * 1024)
    .optional(),
});

/** What a replay came to. */
export const replayResultShape = z.strictObject({
  outcome: z.enum(['accepted', 'duplicate', 'quarantined', 'refused']),
  reason: z
    .strictObject({ code: z.string(), place: z.string(), detail: z.string(), text: bilingualShape })
    .nullable(),
  acknowledgement: acknowledgementShape,
});

/** `POST /api/console/messages/{id}/discards`. */
export const discardRequestShape = z.strictObject({ reason: reasonText });

/** `POST /api/console/message-tests`. */
export const messageTestRequestShape = z
  .strictObject({
    institution: institutionCodeShape.optional(),
    /** Reads it as this sender's; else MSH-3 and MSH-4 say whose it is. */
    sender: z.string().max(100).optional(),
    /** Written in the character set that the message declares. */
    text: z
      .string()
      .min(1)
      .max(2 * 1024 * 1024)
      .optional(),
    /** The bytes as a file has them. */
    base64: z
      .base64()
      .max(4 * 1024 * 1024)
      .optional(),
  })
  .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), {
    path: ['text'],
    message: 'text or base64',
  });

/** What a message would come to. Nothing of it was stored. */
export const messageTestAnswerShape = z.strictObject({
  outcome: z.enum(['accepted', 'duplicate', 'quarantined', 'refused']),
  reason: z
    .strictObject({ code: z.string(), place: z.string(), detail: z.string(), text: bilingualShape })
    .nullable(),
  sender: z.string().nullable(),
  person: z.enum(PERSON_DECISIONS).nullable(),
  acknowledgement: acknowledgementShape,
  annotated: annotatedShape,
});

const itemShape = z.strictObject({
  code: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  /** UCUM; null where the item has none. */
  unit: z.string().nullable(),
  hasSide: z.boolean(),
});

/** Why an item is suggested or marked down. */
export const SUGGESTION_GROUNDS = [
  'loinc',
  'name',
  'abbreviation',
  'similar-name',
  'pinyin-initials',
  'unit-fits',
  'unit-unfit',
  'specimen-fits',
  'specimen-unfit',
  'words-differ',
] as const;

/** The local codes that wait for an item, and the code map they would go into. */
export const unmappedAnswerShape = z.strictObject({
  asOf: momentShape,
  /** Codes in the map, and codes that wait; the rate is the first among both. */
  mappedCodes: countShape,
  waitingCodes: countShape,
  waitingResults: countShape,
  codes: z.array(
    z.strictObject({
      localCode: z.string(),
      localName: z.string(),
      results: countShape,
      /** Lines as sent; free text and whatever could name somebody is left out. */
      examples: z.array(
        z.strictObject({
          value: z.string(),
          unit: z.string(),
          reference: z.string(),
          specimen: bilingualShape.nullable(),
        }),
      ),
      suggestions: z.array(z.strictObject({ item: itemShape, why: z.array(z.enum(SUGGESTION_GROUNDS)) })),
    }),
  ),
  map: z
    .strictObject({
      code: z.string(),
      version: z.string(),
      publishedBy: z.string(),
      publishedAt: momentShape,
    })
    .nullable(),
  /** The version that undoing would bring back; null when there is none. */
  previous: z
    .strictObject({ version: z.string(), publishedBy: z.string(), publishedAt: momentShape })
    .nullable(),
});

/** `GET /api/console/items`. */
export const itemsQueryShape = z.strictObject({
  /** Chinese, pinyin initials, code or English. */
  search: z.string().trim().min(1).max(60),
});

/** Items of the catalogue that fit a search, at most twenty. */
export const itemsAnswerShape = z.strictObject({ items: z.array(itemShape) });

const mappingShape = z.strictObject({
  localCode: z.string().min(1).max(200),
  localName: z.string().min(1).max(200),
  item: z.string().min(1).max(64),
  side: z.enum(['left', 'right', 'both']).optional(),
});

/** `POST /api/console/code-map/previews`. */
export const mappingPreviewRequestShape = z.strictObject({
  institution: institutionCodeShape.optional(),
  mapping: mappingShape,
});

/** What mapping a code would do. */
export const mappingPreviewAnswerShape = z.strictObject({
  item: itemShape,
  waitingResults: countShape,
  reports: countShape,
  /** Units in which the waiting results came, with whether they can be converted into the item's. */
  units: z.array(
    z.strictObject({
      unit: z.string(),
      results: countShape,
      fit: z.enum(['fits', 'unfit', 'not-understood', 'none']),
    }),
  ),
});

/** `POST /api/console/code-map/entries`. */
export const mapCodesRequestShape = z.strictObject({
  institution: institutionCodeShape.optional(),
  mappings: z.array(mappingShape).min(1).max(200),
  /** Version the decision was made on; another one published meanwhile is not overwritten. null: there was none. */
  basedOn: z.string().nullable(),
});

/** `POST /api/console/code-map/restorations`. */
export const restoreMapRequestShape = z.strictObject({
  institution: institutionCodeShape.optional(),
  basedOn: z.string(),
});

/** What publishing a version of the code map did. */
export const publishedMapAnswerShape = z.strictObject({
  version: z.string(),
  epoch: z.int(),
  /** Results that have their item now, and reports they are in. */
  freed: countShape,
  reports: countShape,
  /** Reports whose kept message could not be read again. */
  unreadable: countShape,
});

/** Senders that are not registered. */
export type UnknownSendersAnswer = z.output<typeof unknownSendersAnswerShape>;

/** See `overviewAnswerShape`. */
export type OverviewAnswer = z.output<typeof overviewAnswerShape>;
/** See `institutionsAnswerShape`. */
export type InstitutionsAnswer = z.output<typeof institutionsAnswerShape>;
/** See `messagesQueryShape`. */
export type MessagesQuery = z.output<typeof messagesQueryShape>;
/** See `messagesAnswerShape`. */
export type MessagesAnswer = z.output<typeof messagesAnswerShape>;
/** One line of the table of messages. */
export type MessageSummary = z.output<typeof messageSummaryShape>;
/** See `messageAnswerShape`. */
export type MessageAnswer = z.output<typeof messageAnswerShape>;
/** A message field by field beside its bytes. */
export type AnnotatedAnswer = z.output<typeof annotatedShape>;
/** The acknowledgement of a message. */
export type AcknowledgementAnswer = z.output<typeof acknowledgementShape>;
/** See `replayRequestShape`. */
export type ReplayRequest = z.output<typeof replayRequestShape>;
/** See `replayResultShape`. */
export type ReplayResult = z.output<typeof replayResultShape>;
/** See `messageTestRequestShape`. */
export type MessageTestRequest = z.output<typeof messageTestRequestShape>;
/** See `messageTestAnswerShape`. */
export type MessageTestAnswer = z.output<typeof messageTestAnswerShape>;
/** See `unmappedAnswerShape`. */
export type UnmappedAnswer = z.output<typeof unmappedAnswerShape>;
/** See `itemsAnswerShape`. */
export type ItemsAnswer = z.output<typeof itemsAnswerShape>;
/** See `mappingPreviewRequestShape`. */
export type MappingPreviewRequest = z.output<typeof mappingPreviewRequestShape>;
/** See `mappingPreviewAnswerShape`. */
export type MappingPreviewAnswer = z.output<typeof mappingPreviewAnswerShape>;
/** See `mapCodesRequestShape`. */
export type MapCodesRequest = z.output<typeof mapCodesRequestShape>;
/** See `restoreMapRequestShape`. */
export type RestoreMapRequest = z.output<typeof restoreMapRequestShape>;
/** See `publishedMapAnswerShape`. */
export type PublishedMapAnswer = z.output<typeof publishedMapAnswerShape>;
