import type { Card } from '../../../adapters/cds-hooks/card-shapes.ts';
import { cdsFault, readContext } from '../../../adapters/cds-hooks/hook-request.ts';
import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import { keepCards } from '../../../adapters/postgres/cds-cards.ts';
import type { CdsClient } from '../../../adapters/postgres/cds-clients.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { OrderCheckAnswer } from '../../../web/wire/order-check-answer.ts';
import type { Actor, CallOrigin, CheckFlows } from '../../server/flows-port.ts';
import type { CdsHooks, HookCall } from '../../server/routes/cds-hooks.ts';
import { gatherCallData } from './cds-call-data.ts';
import { cardsOf, type MadeCards, notCheckedCard } from './cds-cards.ts';
import { callerOf, CDS_LIMITS, type CdsDependencies } from './cds-dependencies.ts';
import { cdsFeedbackFlow } from './cds-feedback.ts';
import { orderRequestOf } from './cds-order-request.ts';
import { CARD_WORDS, type CardLanguage, cardLanguage } from './cds-words.ts';

/** Keeps that an order was not checked, and why; of whom is not said, because that may be what was not established. */
const recordNotChecked = (
  { database, clock, newPublicId }: CdsDependencies,
  actor: Actor,
  origin: CallOrigin,
  why: string,
): Promise<void> =>
  recordSystemAct(
    database,
    { at: clock(), newId: newPublicId, by: actor.name, peer: origin.peer },
    'order.check',
    `request/${origin.requestId}`,
    `not-checked: ${why}`,
  );

/** The language of the call: of its context, where it states one, else of its header. */
const languageOf = ({ request, acceptLanguage }: HookCall): CardLanguage => {
  const { language } = request.context;
  return cardLanguage(typeof language === 'string' ? language : acceptLanguage);
};

const checkAndPresent = async (
  dependencies: CdsDependencies,
  flows: CheckFlows,
  call: HookCall,
  client: CdsClient,
): Promise<Result<readonly Card[], Fault>> => {
  const { actor, request, service, origin } = call;
  const { database, clock, newPublicId, snapshots, cardLinks, limits = CDS_LIMITS } = dependencies;
  const language = languageOf(call);
  const context = readContext(request);
  if (!context.ok) return context;
  const gathered = await gatherCallData(request, context.value, client.registration, limits.fhirMs);
  if (!gathered.ok) return gathered;
  if (gathered.value.kind === 'nothing-ordered') return ok([]);
  if (gathered.value.kind === 'unavailable') {
    await recordNotChecked(dependencies, actor, origin, 'fhir-server');
    return ok([notCheckedCard(language, CARD_WORDS.dataMissing[language])]);
  }
  const { data } = gathered.value;
  const { snapshot, registry } = await snapshots.current();
  const at = clock();
  const rules = snapshot.rulesAt(at);
  const wanted = orderRequestOf(data, context.value, client.registration, client.institution, rules);
  if (!wanted) {
    await recordNotChecked(dependencies, actor, origin, 'person-not-established');
    const sentence = rules.sentenceOf('not-checked.person-not-established');
    return ok([notCheckedCard(language, sentence?.[language])]);
  }
  const make = (answer: OrderCheckAnswer): MadeCards =>
    cardsOf({
      answer,
      orders: data.orders,
      patientId: context.value.patientId,
      language,
      orderCodeSystem: client.registration.orderCodeSystems[0] ?? null,
      cardUrl: cardLinks.addressOf({
        check: answer.id as PublicId,
        institution: client.institution,
        client: client.code,
        staffNumber: wanted.doctor?.staffNumber ?? '',
        department: null,
      }),
      newId: newPublicId,
    });
  let made: MadeCards | undefined;
  const checked = await flows.check(actor, wanted, origin, (answer) => {
    made = make(answer);
    return keepCards(database, made.shown, {
      service,
      check: answer.id as PublicId,
      institutionKey: registry.institutionKey(client.institution) ?? '0',
      at,
    });
  });
  if (!checked.ok) return checked;
  // Of a check of nobody nothing is kept, and so nothing of its card.
  return ok((made ?? make(checked.value)).cards);
};

/** CDS Hooks over the flows of the order check. */
export const cdsHooks = (dependencies: CdsDependencies, flows: CheckFlows): CdsHooks => ({
  clients: dependencies.clients,
  answerMs: (dependencies.limits ?? CDS_LIMITS).answerMs,
  async call(call) {
    const { actor, request, service, origin } = call;
    if (request.hook !== service) return fail(cdsFault('CDS_HOOK_MISMATCHED', { place: 'body.hook' }));
    const client = await callerOf(dependencies, actor);
    const cards = await checkAndPresent(dependencies, flows, call, client);
    if (!cards.ok && cards.reason.code === 'CDS_PATIENT_CONTRADICTED')
      await recordNotChecked(dependencies, actor, origin, 'patient-contradicted');
    return cards.ok ? ok({ cards: [...cards.value] }) : cards;
  },
  feedback: cdsFeedbackFlow(dependencies, flows),
});
