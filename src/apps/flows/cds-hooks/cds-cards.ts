import type { Card, CardAction } from '../../../adapters/cds-hooks/card-shapes.ts';
import { elementOf, type FhirElement } from '../../../adapters/cds-hooks/fhir-reading.ts';
import { ITEM_CODE_SYSTEM, type StatedOrder } from '../../../adapters/cds-hooks/read-orders.ts';
import type { ShownCard } from '../../../adapters/postgres/cds-cards.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { OrderCheckAnswer, OrderCheckLine } from '../../../web/wire/order-check-answer.ts';
import { panelHeadline } from '../../../web/panel-words.ts';
import { itemName, lineDetail, plainMarkdown, summaryOf } from './cds-card-text.ts';
import { CARD_WORDS, type CardLanguage, cardLanguage, HAS_WORDS } from './cds-words.ts';

/** Code system of the reasons for examining again, as a hospital's system hands them back. */
export const REASON_SYSTEM = 'urn:huren:re-examination-reason';

/** What cards are made of. */
export interface CardMaking {
  readonly answer: OrderCheckAnswer;
  /** The hospital's orders; the first is line 1 of the answer. */
  readonly orders: readonly StatedOrder[];
  readonly patientId: string;
  readonly language: CardLanguage;
  /** Code system of the hospital's own order codes, for an order that a suggestion would create. */
  readonly orderCodeSystem: string | null;
  readonly cardUrl: string;
  readonly newId: () => PublicId;
}

/** Cards, and what has to be kept of them before they are sent. */
export interface MadeCards {
  readonly cards: readonly Card[];
  readonly shown: readonly ShownCard[];
}

const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');

const nameOf = (line: OrderCheckLine, language: CardLanguage): string => {
  const name = language === 'en' && line.item ? line.item.nameEn : line.name;
  return name === '' ? line.code : name;
};

const sourceOf = (
  { drill }: OrderCheckAnswer,
  line: OrderCheckLine | null,
  language: CardLanguage,
): Card['source'] => ({
  label: (drill ? CARD_WORDS.sourceDrill : CARD_WORDS.source)[language],
  ...(line?.item
    ? {
        topic: {
          system: ITEM_CODE_SYSTEM,
          code: line.item.code,
          display: itemName(line.item, language),
        },
      }
    : {}),
});

/** The published reasons, what the order itself shows first. */
const reasonsOf = (line: OrderCheckLine, language: CardLanguage): Card['overrideReasons'] =>
  line.offeredReasons
    .toSorted((left, right) => Number(right.suggested) - Number(left.suggested))
    .map(({ code, text }) => ({ system: REASON_SYSTEM, code, display: text[language] }));

/** Takes exactly this order back: a draft is deleted, one that was signed is revoked and stays on record. */
const cancellation = (order: StatedOrder, name: string, language: CardLanguage): CardAction | null => {
  if (order.id === null) return null;
  const description = filled(CARD_WORDS.cancelOrder[language], { name });
  return order.isSigned
    ? { type: 'update', description, resource: { ...order.resource, status: 'revoked' } }
    : { type: 'delete', description, resourceId: `ServiceRequest/${order.id}` };
};

/** What a single order takes over from the panel it comes out of. */
const INHERITED = ['subject', 'encounter', 'requester', 'requisition', 'reasonCode'] as const;

const singleOrder = (
  { resource }: StatedOrder,
  single: { readonly code: string; readonly name: string },
  making: CardMaking,
): FhirElement => ({
  resourceType: 'ServiceRequest',
  status: 'draft',
  intent: typeof resource['intent'] === 'string' ? resource['intent'] : 'order',
  subject: { reference: `Patient/${making.patientId}` },
  ...Object.fromEntries(
    INHERITED.flatMap((member) => (elementOf(resource[member]) ? [[member, resource[member]]] : [])),
  ),
  ...(Array.isArray(resource['reasonCode']) ? { reasonCode: resource['reasonCode'] } : {}),
  code: {
    coding: [{ system: making.orderCodeSystem, code: single.code, display: single.name }],
    text: single.name,
  },
});

/** What accepting would do; null where nothing can be suggested: a panel that has to be done again whole, say. */
const actionsOf = (
  line: OrderCheckLine,
  order: StatedOrder,
  making: CardMaking,
): readonly CardAction[] | null => {
  const { language, orderCodeSystem } = making;
  const cancel = cancellation(order, nameOf(line, language), language);
  if (!cancel) return null;
  const { panel } = line;
  if (panel === null || panel.missing.length === 0) return [cancel];
  if (panel.covered === 0 || panel.advice !== 'order-missing-alone' || orderCodeSystem === null) return null;
  const singles = panel.missing.map(({ item, single }) =>
    single === null ? null : { code: single, name: itemName(item, language) },
  );
  if (singles.includes(null)) return null;
  return [
    cancel,
    ...singles.flatMap((single): CardAction[] =>
      single === null
        ? []
        : [
            {
              type: 'create',
              description: filled(CARD_WORDS.orderAlone[language], { name: single.name }),
              resource: singleOrder(order, single, making),
            },
          ],
    ),
  ];
};

const headlineOf = (line: OrderCheckLine, language: CardLanguage): string => {
  const { panel } = line;
  const name = nameOf(line, language);
  if (panel && panel.covered > 0 && (panel.missing.length > 0 || panel.mayConsider > 0))
    return panelHeadline(panel, name)[language];
  const [first] = line.candidates;
  const where = first
    ? language === 'zh'
      ? `（${first.institution.shortNameZh}）`
      : ` (${first.institution.nameEn})`
    : '';
  return (
    filled(CARD_WORDS.found[language], { name, has: HAS_WORDS[first?.grade ?? 'excluded'][language] }) + where
  );
};

const linkOf = ({ cardUrl, language }: CardMaking): NonNullable<Card['links']> => [
  { label: CARD_WORDS.link[language], url: cardUrl, type: 'absolute' },
];

const extensionOf = (
  { answer }: CardMaking,
  lines: readonly number[],
  recordText?: string,
): NonNullable<Card['extension']> => ({
  'huren.order-check': {
    id: answer.id,
    lines: [...lines],
    ...(recordText === undefined ? {} : { recordText }),
  },
});

/** One card for one line that the doctor is asked about: its own reasons, its own suggestion, its own feedback. */
const askingCard = (
  line: OrderCheckLine,
  order: StatedOrder,
  making: CardMaking,
): { readonly card: Card; readonly shown: ShownCard } => {
  const { answer, language, newId } = making;
  const card = newId();
  const actions = actionsOf(line, order, making);
  const suggestion = actions ? newId() : null;
  const isDue = line.outcome === 'must-consider';
  return {
    card: {
      uuid: card,
      summary: summaryOf(headlineOf(line, language)),
      detail: lineDetail(line, language),
      indicator: isDue ? 'warning' : 'info',
      source: sourceOf(answer, line, language),
      ...(actions && suggestion
        ? {
            suggestions: [
              {
                label: CARD_WORDS.recognise[language],
                uuid: suggestion,
                // Nothing is recommended that rests in part on results which are only for reference.
                isRecommended: isDue && (line.panel?.mayConsider ?? 0) === 0,
                actions: [...actions],
              },
            ],
            selectionBehavior: 'at-most-one' as const,
          }
        : {}),
      overrideReasons: reasonsOf(line, language) ?? [],
      links: linkOf(making),
      extension: extensionOf(making, [line.line], actions ? line.recordText?.[language] : undefined),
    },
    shown: { card, suggestion, lines: [line.line] },
  };
};

const isUnchecked = ({ outcome }: OrderCheckLine): boolean =>
  outcome === 'unmapped' || outcome === 'not-checked';

const isQuietByClass = ({ quiet }: OrderCheckLine): boolean => quiet === 'encounter-class';

/** Something to read about a line on which nobody is asked. */
const isTold = (line: OrderCheckLine): boolean =>
  isUnchecked(line) ||
  isQuietByClass(line) ||
  line.outcome === 'own-institution' ||
  line.outcome === 'consent-needed' ||
  line.outcome === 'not-disclosed' ||
  (line.quiet === null && line.candidates.length > 0);

const noteSummary = (lines: readonly OrderCheckLine[], language: CardLanguage): string => {
  const parts: string[] = [];
  const unchecked = lines.filter(isUnchecked);
  const calm = lines.find(isQuietByClass);
  if (calm?.notice) parts.push(calm.notice[language]);
  if (unchecked.length > 0)
    parts.push(filled(CARD_WORDS.unchecked[language], { n: String(unchecked.length) }));
  const own = lines.filter(({ outcome, quiet }) => outcome === 'own-institution' && quiet === null);
  if (own.length > 0)
    parts.push(
      filled(CARD_WORDS.own[language], {
        names: own.map((line) => nameOf(line, language)).join(language === 'zh' ? '、' : ', '),
      }),
    );
  const toRead = lines.filter(
    (line) =>
      !isUnchecked(line) &&
      line.quiet === null &&
      line.outcome !== 'own-institution' &&
      line.candidates.length > 0,
  );
  if (toRead.length > 0) parts.push(filled(CARD_WORDS.toRead[language], { n: String(toRead.length) }));
  if (parts.length === 0) parts.push(CARD_WORDS.notDisclosed[language]);
  return summaryOf(parts.join(language === 'zh' ? '；' : '; '));
};

const noteLine = (line: OrderCheckLine, language: CardLanguage): string => {
  const [first] = line.candidates;
  const said =
    line.quiet === null && line.notice
      ? line.notice[language]
      : first
        ? `${first.own ? '' : HAS_WORDS[first.grade][language]}${
            language === 'zh' ? `（${first.institution.shortNameZh}）` : ` (${first.institution.nameEn})`
          }`
        : '';
  return `- **${plainMarkdown(nameOf(line, language))}**${language === 'zh' ? '：' : ': '}${plainMarkdown(said)}`;
};

/**
 * The one card for everything that is told and not asked: what was not checked, own recent results, results only to be
 * read, and in an emergency all of it, with the reason N4 at hand.
 */
const noteCard = (
  lines: readonly OrderCheckLine[],
  making: CardMaking,
): { readonly card: Card; readonly shown: ShownCard } => {
  const { answer, language, newId } = making;
  const card = newId();
  const calm = lines.filter(isQuietByClass);
  const answerable = calm.map(({ line }) => line);
  const [first] = calm;
  return {
    card: {
      uuid: card,
      summary: noteSummary(lines, language),
      detail: [
        lines.map((line) => noteLine(line, language)).join('\n'),
        ...(lines.some(isUnchecked) ? [CARD_WORDS.couldNotCheckDetail[language]] : []),
        CARD_WORDS.decides[language],
      ].join('\n\n'),
      indicator: 'info',
      source: sourceOf(answer, null, language),
      ...(first ? { overrideReasons: reasonsOf(first, language) ?? [] } : {}),
      links: linkOf(making),
      extension: extensionOf(
        making,
        lines.map(({ line }) => line),
      ),
    },
    shown: { card, suggestion: null, lines: answerable },
  };
};

/** The card that says that nothing was checked. Nothing of it is kept, so it has no id to report about. */
export const notCheckedCard = (
  language: CardLanguage,
  sentence: string = CARD_WORDS.couldNotCheck[language],
): Card => ({
  summary: summaryOf(sentence),
  detail: CARD_WORDS.couldNotCheckDetail[language],
  indicator: 'info',
  source: { label: CARD_WORDS.source[language] },
});

/** What is answered when a hook call could not be served at all: a card for the doctor, never an empty answer. */
export const notCheckedAnswer = (
  acceptLanguage: string | undefined,
): { readonly cards: readonly Card[] } => ({
  cards: [notCheckedCard(cardLanguage(acceptLanguage))],
});

/**
 * An order check as cards: one for each line on which the doctor is asked, and at most one for all the rest. What was
 * searched and not found needs no card; what was not searched always has one.
 */
export const cardsOf = (making: CardMaking): MadeCards => {
  const { answer, orders, language } = making;
  if (answer.status === 'not-checked')
    return { cards: [notCheckedCard(language, (answer.notice ?? answer.title)[language])], shown: [] };
  const asked = answer.lines.filter(
    ({ interrupts, outcome, candidates }) =>
      interrupts && outcome !== 'own-institution' && candidates.length > 0,
  );
  const told = answer.lines.filter((line) => !asked.includes(line) && isTold(line));
  const made = [
    ...asked
      .toSorted(
        (left, right) => Number(right.outcome === 'must-consider') - Number(left.outcome === 'must-consider'),
      )
      .flatMap((line) => {
        const order = orders[line.line - 1];
        return order ? [askingCard(line, order, making)] : [];
      }),
    ...(told.length > 0 ? [noteCard(told, making)] : []),
  ];
  return { cards: made.map(({ card }) => card), shown: made.map(({ shown }) => shown) };
};
