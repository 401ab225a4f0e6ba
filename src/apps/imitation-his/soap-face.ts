import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { SaxesParser } from 'saxes';
import { NOT_CHECKED_LINE } from './cds-face.ts';
import { drafts, type Encounter, type HisOrder, type Prompt } from './encounter.ts';
import type { HisPatient } from './patients.ts';

const PATIENCE_MS = 3_000;
const NAMESPACE = 'urn:huren:order-check:1';
/** 工号 of the doctor at this workstation. */
const STAFF = '100118';
const DEPARTMENT = '内科门诊';
/** How old a callback may be, in seconds. */
const CALLBACK_AGE_SECONDS = 300;

/** What the hospital registered with Huren for this way. */
export interface SoapRegistration {
  readonly client: string;
  readonly key: string;
  readonly launchSecret: string;
  readonly answerSecret: string;
}

/** A doctor's answer as Huren's callback brings it, as far as this workstation uses it. */
export interface CardAnswer {
  readonly id: string;
  readonly check: string;
  readonly requestNumber: string | null;
  readonly line: number;
  readonly decision: 'recognise' | 're-examine' | 'undo';
  readonly reasonText: { readonly zh: string } | null;
  readonly text: string | null;
  readonly recordText: { readonly zh: string } | null;
}

/** A hospital system that knows SOAP 1.1, signed addresses and HTTP callbacks, and nothing newer. */
export interface SoapFace {
  /** Sends the drafts to be checked and gives what to show beside them. */
  ask(encounter: Encounter, patient: HisPatient): Promise<Prompt>;
  /** Confirms that the order of a line was taken back, so that its recognition counts. True when Huren kept it. */
  confirm(check: string, line: number): Promise<boolean>;
  /** The answer in a callback, or undefined when its signature or time is not right. */
  readCallback(headers: Readonly<Record<string, unknown>>, body: string): CardAnswer | undefined;
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] as string);

const element = (name: string, content: string | undefined): string =>
  content === undefined ? '' : `<${name}>${content}</${name}>`;

const identifier = (type: string, number: string): string =>
  element('identifier', element('type', type) + element('number', escaped(number)));

const orderItem = ({ line, item }: HisOrder): string =>
  element(
    'item',
    element('line', String(line)) +
      element('code', escaped(item.code)) +
      element('name', escaped(item.nameZh)) +
      element('side', item.side),
  );

const checkOrder = (encounter: Encounter, patient: HisPatient): string =>
  element(
    'patient',
    element(
      'identifiers',
      (patient.nationalId ? identifier('national-id', patient.nationalId) : '') +
        identifier('medical-record', patient.recordNumber),
    ) +
      element('name', escaped(patient.name)) +
      element('sex', patient.sex) +
      element('birthDate', patient.birthDate),
  ) +
  element('encounter', element('class', patient.encounterClass) + element('number', encounter.number)) +
  element('request', element('number', encounter.requestNumber)) +
  element('doctor', element('staffNumber', STAFF)) +
  element('department', element('name', DEPARTMENT)) +
  element(
    'diagnoses',
    patient.diagnosis ? element('diagnosis', element('code', escaped(patient.diagnosis))) : undefined,
  ) +
  element('purpose', patient.purpose) +
  element('items', drafts(encounter).map(orderItem).join(''));

/** First text of an element by its local name; an answer of this service names each thing once where we look. */
const textsOf = (xml: string, names: readonly string[]): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const open: string[] = [];
  let text = '';
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', ({ local }) => {
    open.push(local);
    text = '';
  });
  parser.on('text', (more) => {
    text += more;
  });
  parser.on('closetag', ({ local }) => {
    open.pop();
    if (names.includes(local) && !found.has(local)) found.set(local, text);
    text = '';
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
  return found;
};

/** Connects the imitated hospital to Huren by SOAP. `hurenUrl` has no slash at its end. */
export const soapFace = (hurenUrl: string, registration: SoapRegistration): SoapFace => {
  const { client, key, launchSecret, answerSecret } = registration;

  const call = async (operation: string, content: string): Promise<{ ok: boolean; xml: string }> => {
    const answer = await fetch(`${hurenUrl}/soap/order-check`, {
      method: 'POST',
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        soapaction: `"${NAMESPACE}#${operation}"`,
        authorization: `Basic ${Buffer.from(`${client}:${key}`).toString('base64')}`,
      },
      body: `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><${operation} xmlns="${NAMESPACE}">${content}</${operation}></soap:Body></soap:Envelope>`,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { ok: answer.ok, xml: await answer.text() };
  };

  /** The address that opens the card: what the hospital may say about the doctor and the order, signed. */
  const launchAddress = (encounter: Encounter): string => {
    const parameters: Record<string, string> = {
      client,
      staff: STAFF,
      department: DEPARTMENT,
      campus: '本部',
      encounter: encounter.number,
      order: encounter.requestNumber,
      time: String(Math.floor(Date.now() / 1000)),
      nonce: randomBytes(16).toString('hex'),
    };
    const text = Object.keys(parameters)
      .toSorted()
      .map((name) => `${name}=${parameters[name]}`)
      .join('\n');
    const signature = createHmac('sha256', launchSecret).update(text, 'utf8').digest('hex');
    return `${hurenUrl}/launch?${new URLSearchParams({ ...parameters, signature }).toString()}`;
  };

  return {
    async ask(encounter, patient) {
      if (drafts(encounter).length === 0) return { kind: 'none' };
      try {
        const { ok, xml } = await call('CheckOrder', checkOrder(encounter, patient));
        const said = textsOf(xml, ['status', 'interrupt', 'title', 'notice']);
        if (!ok || said.get('status') !== 'checked')
          return { kind: 'line', text: said.get('notice') || NOT_CHECKED_LINE, checked: false };
        return said.get('interrupt') === 'true'
          ? { kind: 'frame', address: launchAddress(encounter) }
          : { kind: 'line', text: said.get('title') ?? '', checked: true };
      } catch {
        return { kind: 'line', text: NOT_CHECKED_LINE, checked: false };
      }
    },
    async confirm(check, line) {
      try {
        const { ok } = await call(
          'ConfirmCancellation',
          element('check', check) +
            element('line', String(line)) +
            element('cancelledAt', new Date().toISOString()),
        );
        return ok;
      } catch {
        return false;
      }
    },
    readCallback(headers, body) {
      const time = Number(headers['huren-time']);
      const signature = headers['huren-signature'];
      const given = Buffer.from(typeof signature === 'string' ? signature : '', 'hex');
      const expected = createHmac('sha256', answerSecret).update(`${time}.${body}`, 'utf8').digest();
      const isFresh = Math.abs(Date.now() / 1000 - time) <= CALLBACK_AGE_SECONDS;
      if (!isFresh || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      return JSON.parse(body) as CardAnswer;
    },
  };
};
