import type { ConsentFlows } from '../../src/apps/server/routes/consents-port.ts';
import { CONSENT_FAULTS } from '../../src/apps/flows/consent/consent-faults.ts';
import { raiser } from '../../src/kernel/fault.ts';
import { fail, ok } from '../../src/kernel/result.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type {
  ConsentActAnswer,
  ConsentOverview,
  ConsentRequest,
  RecordedConsent,
} from '../../src/web/wire/consent.ts';

const raise = raiser(CONSENT_FAULTS);

const WORDING: ConsentOverview['wording'] = {
  version: 'default.2',
  titleZh: '跨机构查阅检查检验结果授权书',
  treatment: {
    lineZh: '同意为您看病的医生查看您在其他医院做过的检查检验结果。',
    detailsZh: ['谁能看：正在为您诊疗的医疗机构的医生。'],
    fullZh: ['一、全文。'],
  },
  restricted: { lineZh: '单独同意“{class}”。', detailsZh: ['平时隐藏。'], fullZh: ['全文。'] },
  spokenZh: '您在其他医院做过同样的检查，我想看一下结果，您同意吗？',
  effects: {
    consentedZh: '医生可以看到您在其他医院的检查检验结果。',
    deniedZh: '医生看不到，可能需要重做。',
    withdrawnZh: '医生只能看到您做过同类检查。',
  },
  hospitalEffects: {
    consentedZh: '{reader}可以看到{hospital}的结果。',
    deniedZh: '{reader}看不到{hospital}的结果，也看不到它们是否存在；{hospital}自己仍能看到。',
    withdrawnZh: '{reader}只能看到在{hospital}做过同类检查。',
  },
  classEffects: null,
  signatureZh: ['患者（监护人）签名：'],
};

/** The digits beside it. */
const DIGITS = '48271193';

/** The one code that opens something, and whose consent. */
export const CODE = 'example.token';
const INVITED = '01930000-0000-7000-8000-0000000000f1' as PublicId;

/** Consent in memory, for tests of the server and the pages without a database: what is recorded only this server knows. */
export const exampleConsents = (): ConsentFlows => {
  const acts = new Map<string, ConsentActAnswer & { readonly person: PublicId }>();
  const scans = new Map<string, Uint8Array>();
  const overview = (person: PublicId): ConsentOverview => {
    const recorded = [...acts.values()].filter((act) => act.person === person);
    const standing = recorded.at(-1)?.kind ?? 'not-recorded';
    return {
      person,
      default: 'required',
      standing,
      level: standing === 'consented' ? 'content' : standing === 'denied' ? 'nothing' : 'existence',
      classes: [{ code: 'hiv', text: { zh: '艾滋病（HIV）', en: 'HIV' }, standing: 'not-recorded' }],
      needsGuardian: false,
      restrictions: [],
      agreements: [],
      acts: recorded.toReversed().map(({ person: _person, ...act }) => act),
      wording: WORDING,
    };
  };
  const keep = (
    person: PublicId,
    { kind, relation, scan }: Pick<ConsentRequest, 'kind' | 'relation' | 'scan'>,
    way: ConsentActAnswer['way'],
  ): RecordedConsent => {
    const id = `01930000-0000-7000-e000-${String(acts.size + 1).padStart(12, '0')}` as PublicId;
    const act: ConsentActAnswer = {
      id,
      kind,
      purpose: 'treatment',
      source: null,
      recipient: null,
      recordClass: null,
      relation,
      representative: null,
      way,
      wording: WORDING.version,
      actedAt: '2026-11-23T03:00:00Z',
      until: null,
      inForce: true,
      recordedBy: {
        institution: 'JIANG-2',
        institutionZh: '示例县人民医院',
        staffNumber: '1001',
        witness: null,
      },
      hasScan: scan !== undefined,
    };
    acts.set(id, { ...act, person });
    if (scan) scans.set(id, scan);
    return { act, repeated: false, effectZh: WORDING.effects.consentedZh };
  };
  return {
    record: async (_actor, person, request) => ok(keep(person, request, request.way)),
    recordOnCheck: async (_actor, check, { relation }) =>
      ok(keep(check, { kind: 'consented', relation }, 'spoken')),
    hospitals: async () => [{ code: 'JIANG-1', nameZh: '示例市中心医院' }],
    overview: async (_actor, person) => ok(overview(person)),
    async read(_actor, id) {
      const known = acts.get(id);
      return known ? ok(known) : fail(raise('CONSENT_UNKNOWN'));
    },
    async scan(_actor, id) {
      const bytes = scans.get(id);
      return bytes ? ok({ mediaType: 'image/png', bytes }) : fail(raise('CONSENT_UNKNOWN'));
    },
    recordOwn: async (actor, { kind }) => ok(keep(actor.person, { kind, relation: 'self' }, 'phone')),
    invite: async () =>
      ok({
        url: 'https://huren.example/consent/example.token',
        qr: { size: 9, path: 'M4 4h1v1h-1z' },
        expiresAt: '2026-11-23T03:15:00Z',
        typed: { digits: DIGITS, at: 'https://huren.example/me/code', expiresAt: '2026-11-23T03:10:00Z' },
      }),
    openTyped: async (_actor, { code }) =>
      code === DIGITS
        ? ok({
            institutionZh: '示例县人民医院',
            patientZh: '周＊＊',
            expiresAt: '2026-11-23T03:10:00Z',
            relation: 'self',
            needsGuardian: false,
            level: 'existence',
            wording: WORDING,
          })
        : fail(raise('CONSENT_CODE_INVALID')),
    recordTyped: async (actor, { code, decision: { kind } }) =>
      code === DIGITS
        ? ok(keep(actor.person, { kind, relation: 'self' }, 'code'))
        : fail(raise('CONSENT_CODE_INVALID')),
    invited: async (token) =>
      token === CODE
        ? {
            token,
            institutionZh: '示例县人民医院',
            personZh: '周＊＊',
            expiresAt: '2026-11-23T03:15:00Z',
            drill: true,
            overview: overview(INVITED),
          }
        : null,
    recordInvited: async (token, { kind, relation }) =>
      token === CODE
        ? ok(keep(INVITED, { kind, relation }, 'qr'))
        : fail(raise('CONSENT_INVITATION_INVALID')),
    ownOverview: async (actor) => ok(overview(actor.person)),
  };
};
