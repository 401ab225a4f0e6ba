import { charsetOf } from '../../../adapters/hl7v2/charset.ts';
import { hl7DialectSchema } from '../../../adapters/hl7v2/dialect.ts';
import type { SenderDefaults } from '../../../adapters/hl7v2/reading.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import {
  registerSender,
  type Sender,
  type SenderKey,
  type SenderRegistration,
} from '../../../adapters/postgres/senders.ts';
import { raiser } from '../../../kernel/fault.ts';
import { INGEST_FAULTS } from './ingest-faults.ts';

const raise = raiser(INGEST_FAULTS);

const isZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

const readDefaults = (
  sender: Pick<Sender, 'code' | 'institution' | 'charset' | 'zone' | 'dialect'>,
): SenderDefaults => {
  const charset = charsetOf(sender.charset);
  if (!charset)
    throw raise('SENDER_DIALECT_INVALID', { place: `${sender.code}.charset`, detail: sender.charset });
  if (!isZone(sender.zone))
    throw raise('SENDER_DIALECT_INVALID', { place: `${sender.code}.zone`, detail: sender.zone });
  const dialect = hl7DialectSchema.safeParse(sender.dialect);
  if (!dialect.success)
    throw raise('SENDER_DIALECT_INVALID', {
      place: `${sender.code}.dialect`,
      detail: dialect.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    });
  return { charset, zone: sender.zone, institution: sender.institution, dialect: dialect.data };
};

const known = new WeakMap<Sender, SenderDefaults>();

/** How to read a sender's HL7 v2 messages. @throws SENDER_DIALECT_INVALID */
export const senderDefaults = (sender: Sender): SenderDefaults => {
  let defaults = known.get(sender);
  if (!defaults) {
    defaults = readDefaults(sender);
    known.set(sender, defaults);
  }
  return defaults;
};

/** How a message is read whose sender is not known: only to say what is wrong with it. */
export const STRANGER_DEFAULTS: SenderDefaults = {
  charset: 'utf-8',
  zone: 'Asia/Shanghai',
  institution: '',
  dialect: {},
};

/**
 * Registers a sender of HL7 v2 messages after checking that its settings can be used.
 *
 * @throws SENDER_DIALECT_INVALID, SENDER_INSTITUTION_UNKNOWN, SENDER_ADDRESS_TAKEN
 */
export const registerHl7Sender = (session: Session, registration: SenderRegistration): Promise<SenderKey> => {
  const { code, institution, charset = 'UNICODE UTF-8', zone = 'Asia/Shanghai', dialect = {} } = registration;
  readDefaults({ code, institution, charset, zone, dialect });
  return registerSender(session, registration);
};
