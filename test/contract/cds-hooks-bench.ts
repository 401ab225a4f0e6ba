import type { CdsRegistration } from '../../src/adapters/postgres/cds-clients.ts';
import type { Card } from '../../src/adapters/cds-hooks/card-shapes.ts';
import type { CdsLimits } from '../../src/apps/flows/cds-hooks/cds-dependencies.ts';
import { type CastMember, orderFormOf } from '../../src/apps/demonstration/cast.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { realSystem, type RealSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  type CdsCaller,
  cdsCaller,
  draftOrder,
  hookBody,
  patientResource,
  registerCaller,
} from './cds-hooks-caller.ts';

/** What one hook call was answered. */
export interface HookAnswer {
  readonly status: number;
  readonly cards: readonly Card[];
  /** Code of the problem, where it was one. */
  readonly code: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The demonstration region with a county hospital that speaks CDS Hooks. */
export interface CdsBench {
  readonly system: RealSystem;
  readonly caller: CdsCaller;
  /** Address of a service, or of discovery without one. */
  service(id?: string): string;
  post(address: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<HookAnswer>;
  member(key: string): CastMember;
  /** FHIR id and Patient of a member of the cast. */
  patientOf(key: string): { readonly id: string; readonly resource: Record<string, unknown> };
  /** The drafts of a member's order form, by the hospital's own codes; ids are o1, o2 … */
  draftsOf(key: string, over?: Readonly<Record<string, unknown>>): Record<string, unknown>[];
  /** The member's whole order about to be signed, with the Patient along. */
  signing(key: string, over?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  sign(
    key: string,
    over?: Readonly<Record<string, unknown>>,
    headers?: Record<string, string>,
  ): Promise<HookAnswer>;
  stop(): Promise<void>;
}

/** Which check and which lines a card is of. */
export const sourceOf = ({
  extension,
}: Card): { readonly id: PublicId; readonly lines: readonly number[] } => {
  const source = extension?.['huren.order-check'];
  if (!source) throw new Error('the card is of no check');
  return { id: source.id as PublicId, lines: source.lines };
};

/** Client of the county hospital's HIS. */
export const CDS_CLIENT = 'yx-county-his';

const answerOf = async (response: Response): Promise<HookAnswer> => {
  const body = (await response.json()) as { cards?: Card[]; code?: string };
  return { status: response.status, cards: body.cards ?? [], code: body.code, body };
};

/** Starts the region and registers the caller. */
export const cdsBench = async (
  registration: Partial<CdsRegistration> = {},
  limits: Partial<CdsLimits> = {},
): Promise<CdsBench> => {
  const system = await realSystem(limits);
  const caller = await cdsCaller();
  const { database } = system.bench.opened;
  await registerCaller(database, CDS_CLIENT, caller, registration);
  const bench: CdsBench = {
    system,
    caller,
    service: (id) => `${system.url}/cds-services${id === undefined ? '' : `/${id}`}`,
    post: async (address, body, headers) => answerOf(await caller.call('POST', address, body, headers)),
    member: (key) => memberOf(system.bench, key),
    patientOf(key) {
      const { person } = bench.member(key);
      return {
        id: `p-${key}`,
        resource: patientResource(`p-${key}`, {
          ...(person.nationalId === null ? {} : { nationalId: person.nationalId }),
          name: person.name,
          sex: person.sex,
          birthDate: person.birthDate.replace(/^(\d{4})-?(\d{2})-?(\d{2})$/, '$1-$2-$3'),
        }),
      };
    },
    draftsOf: (key, over = {}) =>
      orderFormOf(bench.member(key)).map(({ code, nameZh, side }, index) =>
        draftOrder(`o${index + 1}`, `p-${key}`, code, {
          ...(side === undefined ? {} : { bodySite: [{ text: side === 'left' ? '左侧' : '右侧' }] }),
          ...over,
          code: {
            ...(draftOrder('', '', code)['code'] as object),
            text: nameZh,
          },
        }),
      ),
    signing(key, over = {}) {
      const { id, resource } = bench.patientOf(key);
      return hookBody('order-sign', id, bench.draftsOf(key), { prefetch: { patient: resource }, ...over });
    },
    sign: (key, over, headers) => bench.post(bench.service('order-sign'), bench.signing(key, over), headers),
    stop: system.stop,
  };
  return bench;
};
