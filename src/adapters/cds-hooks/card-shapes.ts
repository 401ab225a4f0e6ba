import { z } from 'zod';

const codingShape = z.strictObject({ system: z.string(), code: z.string(), display: z.string() });

/** What a suggestion would do. Never applied by us: the hospital's system does it when the doctor accepts. */
const actionShape = z.union([
  z.strictObject({ type: z.literal('delete'), description: z.string(), resourceId: z.string() }),
  z.strictObject({
    type: z.enum(['create', 'update']),
    description: z.string(),
    resource: z.record(z.string(), z.unknown()),
  }),
]);

const suggestionShape = z.strictObject({
  label: z.string(),
  uuid: z.uuid(),
  isRecommended: z.boolean(),
  actions: z.array(actionShape).min(1),
});

/** A card of CDS Hooks 2.0 as we give it. */
export const cardShape = z.strictObject({
  /** Absent on a card of which nothing was kept: there is nothing to report about it. */
  uuid: z.uuid().optional(),
  summary: z.string().min(1).max(139),
  detail: z.string(),
  indicator: z.enum(['info', 'warning']),
  source: z.strictObject({ label: z.string(), topic: codingShape.optional() }),
  suggestions: z.array(suggestionShape).min(1).optional(),
  selectionBehavior: z.literal('at-most-one').optional(),
  overrideReasons: z.array(codingShape).optional(),
  links: z.array(z.strictObject({ label: z.string(), url: z.url(), type: z.literal('absolute') })).optional(),
  /** Which check and lines the card is of, for the hospital that confirms a cancellation. */
  extension: z
    .strictObject({
      'huren.order-check': z.strictObject({
        id: z.string(),
        lines: z.array(z.int()),
        /** Ready sentence for the record of the hospital whose doctor accepts the suggestion; absent without one. */
        recordText: z.string().optional(),
      }),
    })
    .optional(),
});

/** Answer of `POST /cds-services/{id}`. There are never `systemActions`: nothing happens without the doctor. */
export const cardsAnswerShape = z.strictObject({ cards: z.array(cardShape) });

/** A card. */
export type Card = z.output<typeof cardShape>;
/** What a suggestion would do. */
export type CardAction = z.output<typeof actionShape>;

const text = (maximum: number) => z.string().min(1).max(maximum);

/** Body of `POST /cds-services/{id}/feedback`. */
export const feedbackRequestShape = z.looseObject({
  feedback: z
    .array(
      z
        .looseObject({
          card: z.uuid().toLowerCase(),
          outcome: z.enum(['accepted', 'overridden']),
          acceptedSuggestions: z
            .array(z.looseObject({ id: z.uuid().toLowerCase() }))
            .max(20)
            .nullish(),
          overrideReason: z
            .looseObject({
              reason: z.looseObject({ code: text(64), system: text(300).nullish() }).nullish(),
              userComment: z.string().max(500).nullish(),
            })
            .nullish(),
          outcomeTimestamp: z.iso.datetime({ offset: true }),
        })
        .refine(
          ({ outcome, acceptedSuggestions }) =>
            outcome !== 'accepted' || (acceptedSuggestions ?? []).length > 0,
          { path: ['acceptedSuggestions'], message: 'needed when the outcome is accepted' },
        ),
    )
    .min(1)
    .max(100),
});

/** Feedback as it came in. */
export type CardFeedback = z.output<typeof feedbackRequestShape>['feedback'][number];

/** Answer of the feedback endpoint: what became of each. The standard asks for the status only. */
export const feedbackAnswerShape = z.strictObject({
  feedback: z.array(
    z.strictObject({
      card: z.uuid(),
      /** True when it stands as the doctor's answer, now or since an earlier report of the same. */
      counted: z.boolean(),
      /** Code of the fault that kept it from being counted; it is kept as reported. */
      code: z.string().optional(),
    }),
  ),
});
