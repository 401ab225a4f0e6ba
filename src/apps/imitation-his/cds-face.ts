import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { drafts, type DrawnCard, type Encounter, type Prompt } from './encounter.ts';
import { draftOrders, encounterResource, patientResource } from './fhir-resources.ts';
import type { HisPatient } from './patients.ts';

/** How long the workstation waits for guidance. Afterwards the doctor goes on without. */
const PATIENCE_MS = 3_000;
const TOKEN_SECONDS = 60;

/** The sentence that a workstation shows when nothing was checked. */
export const NOT_CHECKED_LINE = '互认服务暂不可用，本次未核查，不影响开单';

/** A hospital system that speaks CDS Hooks 2.0 with tokens signed by its own ES384 key. */
export interface CdsFace {
  /** What Huren says about the drafts, as the workstation will draw it. */
  ask(encounter: Encounter, patient: HisPatient): Promise<Prompt>;
  /** Confirms that the order of a line was taken back, so that its recognition counts. True when Huren kept it. */
  confirm(check: string, line: number): Promise<boolean>;
  /** Tells Huren what the doctor did with a card. True when it was taken. */
  tell(card: DrawnCard, what: Feedback): Promise<boolean>;
}

/** What a doctor did with a card. */
export type Feedback =
  | { readonly outcome: 'accepted'; readonly suggestion: string }
  | {
      readonly outcome: 'overridden';
      readonly reason: { code: string; system: string };
      readonly comment: string;
    };

/** The key pair of the imitated hospital; the public half is registered with Huren. */
export const newCdsKey = async (): Promise<{ readonly privateKey: CryptoKey; readonly publicKey: JWK }> => {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  const kid = randomUUID();
  return { privateKey, publicKey: { ...(await exportJWK(publicKey)), kid, alg: 'ES384', use: 'sig' } };
};

interface HookService {
  readonly id: string;
  readonly hook: string;
  readonly prefetch?: Readonly<Record<string, string>>;
}

interface SentCard {
  readonly uuid: string;
  readonly summary: string;
  readonly indicator: string;
  readonly detail?: string;
  readonly source: { readonly label: string };
  readonly suggestions?: readonly {
    readonly uuid: string;
    readonly label: string;
    readonly actions?: readonly {
      readonly type: string;
      readonly resourceId?: string | readonly string[];
      readonly resource?: {
        readonly resourceType: string;
        readonly id?: string;
        readonly code?: {
          readonly coding?: readonly { readonly code?: string; readonly display?: string }[];
        };
      };
    }[];
  }[];
  readonly overrideReasons?: readonly {
    readonly code: string;
    readonly system: string;
    readonly display: string;
  }[];
  readonly links?: readonly { readonly label: string; readonly url: string }[];
  readonly extension?: {
    readonly 'huren.order-check'?: {
      readonly id: string;
      readonly lines: readonly number[];
      readonly recordText?: string;
    };
  };
}

const orderOf = (reference: string): string => reference.replace(/^ServiceRequest\//, '');

/** Drafts that a suggestion takes away: deleted, or revoked where they were signed already. */
const ordersOf = (suggestion: NonNullable<SentCard['suggestions']>[number]): string[] =>
  (suggestion.actions ?? []).flatMap(({ type, resourceId, resource }) => {
    if (type === 'delete') return [resourceId ?? []].flat().map(orderOf);
    return type === 'update' && resource?.resourceType === 'ServiceRequest' ? [resource.id ?? ''] : [];
  });

/** Orders that a suggestion adds. */
const createsOf = (suggestion: NonNullable<SentCard['suggestions']>[number]) =>
  (suggestion.actions ?? []).flatMap(({ type, resource }) => {
    const [coding] = resource?.code?.coding ?? [];
    return type === 'create' && coding?.code
      ? [{ code: coding.code, nameZh: coding.display ?? coding.code }]
      : [];
  });

const drawn = (card: SentCard): DrawnCard => ({
  uuid: card.uuid,
  check: card.extension?.['huren.order-check'] ?? null,
  recordText: card.extension?.['huren.order-check']?.recordText ?? null,
  summary: card.summary,
  indicator: card.indicator,
  detail: card.detail ?? '',
  source: card.source.label,
  suggestions: (card.suggestions ?? []).map((suggestion) => ({
    uuid: suggestion.uuid,
    label: suggestion.label,
    orders: ordersOf(suggestion),
    creates: createsOf(suggestion),
  })),
  overrideReasons: card.overrideReasons ?? [],
  links: (card.links ?? []).map(({ label, url }) => ({ label, url })),
  answered: false,
});

/** The hospital's own data for a template, where this imitation has it; anything else is left out, as CDS Hooks allows. */
const prefetched = (
  templates: Readonly<Record<string, string>>,
  encounter: Encounter,
  patient: HisPatient,
): Record<string, unknown> => {
  const answers: Readonly<Record<string, unknown>> = {
    'Patient/{{context.patientId}}': patientResource(patient),
    'Encounter/{{context.encounterId}}': encounterResource(encounter, patient),
  };
  return Object.fromEntries(
    Object.entries(templates).flatMap(([key, template]) =>
      template in answers ? [[key, answers[template]]] : [],
    ),
  );
};

/** Connects the imitated hospital to Huren by CDS Hooks. `hurenUrl` has no slash at its end. */
export const cdsFace = (options: {
  readonly hurenUrl: string;
  readonly issuer: string;
  /** Key of the same client for the plain calls beside the hooks. */
  readonly clientKey: string;
  readonly key: Awaited<ReturnType<typeof newCdsKey>>;
}): CdsFace => {
  const { hurenUrl, issuer, clientKey, key } = options;

  const post = async (address: string, body: unknown): Promise<Response> => {
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES384', kid: key.publicKey.kid as string, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(address)
      .setIssuedAt()
      .setExpirationTime(`${TOKEN_SECONDS}s`)
      .setJti(randomUUID())
      .sign(key.privateKey);
    return fetch(address, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'accept-language': 'zh-CN',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  };

  const signService = async (): Promise<HookService> => {
    const answer = await fetch(`${hurenUrl}/cds-services`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { services } = (await answer.json()) as { services: readonly HookService[] };
    const service = services.find(({ hook }) => hook === 'order-sign');
    if (!service) throw new Error('Huren offers no order-sign service');
    return service;
  };

  let service: HookService | undefined;
  return {
    async ask(encounter, patient) {
      if (drafts(encounter).length === 0) return { kind: 'none' };
      try {
        service ??= await signService();
        const answer = await post(`${hurenUrl}/cds-services/${service.id}`, {
          hook: 'order-sign',
          hookInstance: randomUUID(),
          context: {
            userId: 'Practitioner/100118',
            patientId: patient.key,
            encounterId: encounter.number,
            draftOrders: draftOrders(encounter, patient),
          },
          prefetch: prefetched(service.prefetch ?? {}, encounter, patient),
        });
        if (!answer.ok) return { kind: 'line', text: NOT_CHECKED_LINE, checked: false };
        const { cards } = (await answer.json()) as { cards: readonly SentCard[] };
        return cards.length === 0
          ? { kind: 'line', text: '互认平台没有需要提示的内容', checked: true }
          : { kind: 'cards', cards: cards.map(drawn) };
      } catch {
        // Down, slow or unreadable: the doctor goes on ordering, and the screen says that nothing was checked.
        return { kind: 'line', text: NOT_CHECKED_LINE, checked: false };
      }
    },
    async confirm(check, line) {
      try {
        const answer = await fetch(`${hurenUrl}/api/order-checks/${check}/fulfilments`, {
          method: 'POST',
          headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({ line, cancelledAt: new Date().toISOString() }),
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        return answer.ok;
      } catch {
        return false;
      }
    },
    async tell(card, what) {
      const outcome =
        what.outcome === 'accepted'
          ? { outcome: 'accepted', acceptedSuggestions: [{ id: what.suggestion }] }
          : {
              outcome: 'overridden',
              overrideReason: { reason: what.reason, ...(what.comment ? { userComment: what.comment } : {}) },
            };
      try {
        service ??= await signService();
        const answer = await post(`${hurenUrl}/cds-services/${service.id}/feedback`, {
          feedback: [{ card: card.uuid, ...outcome, outcomeTimestamp: new Date().toISOString() }],
        });
        return answer.ok;
      } catch {
        return false;
      }
    },
  };
};
