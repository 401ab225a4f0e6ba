import { mayReach } from '../reach.ts';
import type { NoticePrinter } from '../../../adapters/documents/notice-printer.ts';
import { qrCode } from '../../../adapters/documents/qr-code.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import {
  issueCopy,
  type KeptNotice,
  latestNoticeVersion,
  noticeOfToken,
  noticesOfCheck,
  noticeToken,
  readNotice,
} from '../../../adapters/postgres/notices.ts';
import {
  type CheckResponseRow,
  keepAudit,
  lockCheck,
  readResponses,
} from '../../../adapters/postgres/order-checks.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  INFORMED_RELATIONS,
  namesPrice,
  type NoticeContent,
  noticeLines,
  noticeRecordText,
  noticeWords,
  RELATION_WORDS,
} from '../../../recognition/index.ts';
import type { NoticePaper } from '../../../web/notice-pages.ts';
import type { NoticeAnswer } from '../../../web/wire/notice.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { NoticeFlows } from '../../server/notices-port.ts';
import { agentNamed, auditOf, emergencyDoctor, type FlowDependencies } from '../dependencies.ts';
import { type KeptCheck, openKeptCheck, readOwnCheck } from '../checks/kept-check.ts';
import { auditNotice, currentRules, keepNoticeOf, wishOf } from './keep-notice.ts';
import { noticeGround } from './notice-content.ts';
import { NOTICE_FLOW_FAULTS } from './notice-faults.ts';
import { momentAnswer } from '../present.ts';
import { standingAnswer } from '../checks/response-state.ts';

/** What notices need besides what every flow works with. */
export interface NoticeDependencies extends FlowDependencies {
  /** The platform's address as patients' phones reach it, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly printer: NoticePrinter;
}

const raise = raiser(NOTICE_FLOW_FAULTS);

/** A public path that holds the notice's token. */
const verifyUrl = (
  { keys, publicUrl }: Pick<NoticeDependencies, 'keys' | 'publicUrl'>,
  id: PublicId,
): string => `${publicUrl()}/verify/notice/${noticeToken(keys, id)}`;

const contentOf = (kept: KeptNotice): NoticeContent => JSON.parse(kept.content) as NoticeContent;

const stateOf = async (session: Session, kept: KeptNotice): Promise<NoticeAnswer['state']> => {
  const standing = standingAnswer(kept.line, await readResponses(session, kept.personId, [kept.check]));
  if (!standing?.rows.some(({ public_id }) => public_id === kept.response)) return 'undone';
  return (await latestNoticeVersion(session, kept.personId, kept.response)) > kept.version
    ? 'superseded'
    : 'valid';
};

const answerOf = async (
  dependencies: NoticeDependencies,
  session: Session,
  kept: KeptNotice,
): Promise<NoticeAnswer> => {
  const content = contentOf(kept);
  return {
    id: kept.publicId,
    check: kept.check,
    line: kept.line,
    version: kept.version,
    state: await stateOf(session, kept),
    titleZh: content.titleZh,
    institutionZh: content.institutionZh,
    openingZh: content.openingZh,
    lines: [...noticeLines(content, 'staff')],
    acknowledgementZh: content.acknowledgementZh,
    signatureZh: [...content.signatureZh],
    template: content.template,
    drill: content.drill,
    madeAt: momentAnswer(content.madeAt) as string,
    recordText: noticeRecordText(content),
    verifyUrl: verifyUrl(dependencies, kept.publicId),
  };
};

/** A notice that the actor may see: of his own institution, and of the one check that a launched doctor was let into. */
const readOwn = async (dependencies: NoticeDependencies, actor: Actor, id: PublicId): Promise<KeptNotice> => {
  const [kept, { registry }] = await Promise.all([
    readNotice(dependencies.database, dependencies.keys, id),
    dependencies.snapshots.current(),
  ]);
  const owner = kept && registry.institutionCode(kept.institutionKey);
  if (
    !kept ||
    !mayReach(actor, 'notice:read', { kind: 'record', institution: owner ?? null, check: kept.check })
  )
    throw raise('NOTICE_UNKNOWN');
  return kept;
};

/** The answer that stands on a line, as the row that a notice about it names. */
const standingRow = (check: KeptCheck, line: number): CheckResponseRow | undefined =>
  standingAnswer(line, check.responses)?.rows[0];

const sheetOf = ({
  titleZh,
  institutionZh,
  openingZh,
  lines,
  acknowledgementZh,
  signatureZh,
  verifyUrl: url,
}: NoticeAnswer) => ({
  titleZh,
  institutionZh,
  openingZh,
  lines,
  acknowledgementZh,
  signatureZh,
  verifyUrl: url,
});

/** What a paper is; null of what is only looked at. */
const copyWords = (copy: number | null): string =>
  copy === null ? '预览，未打印' : copy === 0 ? '正本' : `副本 ${copy}`;

const VERIFY_WORDS = '扫描二维码可核对真伪，并在手机上查看同样内容。';
const DRILL_WORDS = '演练数据：机构与患者均为虚构';

const paperOf = (notice: NoticeAnswer, copy: number | null): NoticePaper => ({
  notice,
  copyZh: `${copyWords(copy)}　第 ${notice.version} 版`,
  isCounted: copy !== null,
  verifyZh: VERIFY_WORDS,
  drillZh: notice.drill ? DRILL_WORDS : null,
  qr: qrCode(notice.verifyUrl),
});

/** One more paper: counted, audited and read in one commit. */
const issue = async (
  dependencies: NoticeDependencies,
  actor: Actor,
  id: PublicId,
  form: 'page' | 'pdf',
  origin: CallOrigin,
): Promise<NoticePaper> => {
  const kept = await readOwn(dependencies, actor, id);
  return dependencies.database.transaction(async (session) => {
    const copy = await issueCopy(session, kept, form, actor.name, dependencies.clock());
    await auditNotice(dependencies, session, kept, {
      actor,
      origin,
      action: 'notice.print',
      outcome: 'disclosed',
    });
    return paperOf(await answerOf(dependencies, session, kept), copy);
  });
};

const auditPublic = (
  { database, clock, newPublicId }: FlowDependencies,
  kept: KeptNotice,
  view: 'verify' | 'read',
  origin: CallOrigin,
): Promise<void> =>
  keepAudit(database, kept.personId, clock(), {
    publicId: newPublicId(),
    ...agentNamed('holder-of-paper', 'holder-of-paper'),
    institutionKey: kept.institutionKey,
    action: `notice.${view}`,
    resource: `notice/${kept.publicId}`,
    purpose: 'own-data',
    basis: 'token-on-paper',
    outcome: 'disclosed',
    peer: origin.peer,
  });

/** All flows of notices, as the server calls them. */
export const noticeFlows = (dependencies: NoticeDependencies): NoticeFlows => {
  const { database, keys } = dependencies;
  const read = async (actor: Actor, id: PublicId, origin: CallOrigin): Promise<NoticeAnswer> => {
    const kept = await readOwn(dependencies, actor, id);
    await auditNotice(dependencies, database, kept, {
      actor,
      origin,
      action: 'notice.read',
      outcome: 'disclosed',
    });
    return answerOf(dependencies, database, kept);
  };
  return {
    async draft(actor, id, line, origin) {
      const row = await readOwnCheck(dependencies, actor, id);
      const check = await openKeptCheck(dependencies, row, emergencyDoctor(actor));
      const rules = await currentRules(dependencies);
      const ground = noticeGround(check, line, standingRow(check, line), rules);
      if (!ground.ok) return ground;
      const { subject } = ground.value;
      const words = noticeWords(subject, {}, rules);
      if (!words.ok) return words;
      await keepAudit(
        database,
        row.person_id,
        dependencies.clock(),
        auditOf(dependencies, actor, origin, {
          institutionKey: row.institution_id,
          action: 'notice.draft',
          resource: `order-check/${id}/line/${line}`,
          basis: check.basis,
          outcome: 'disclosed',
        }),
      );
      return ok({
        check: id,
        line,
        itemZh: subject.itemZh,
        prior: [...subject.prior],
        plainZh: [...words.value.plainZh],
        purposeZh: words.value.purposeZh,
        necessityZh: words.value.necessityZh,
        blanks: [...words.value.blanks],
        relations: INFORMED_RELATIONS.map((code) => ({ code, zh: RELATION_WORDS[code] })),
        namesPrice: namesPrice(check.replayed.facts.session.institution, rules),
      });
    },
    async make(actor, id, request, origin) {
      const row = await readOwnCheck(dependencies, actor, id);
      return database.transaction(async (session): Promise<Result<NoticeAnswer, Fault>> => {
        await lockCheck(session, id);
        const check = await openKeptCheck(dependencies, row, emergencyDoctor(actor), session);
        const rules = await currentRules(dependencies);
        const ground = noticeGround(check, request.line, standingRow(check, request.line), rules);
        if (!ground.ok) return ground;
        const kept = await keepNoticeOf(dependencies, session, {
          actor,
          origin,
          ground: ground.value,
          wish: wishOf(request),
        });
        return kept.ok ? ok(await answerOf(dependencies, session, kept.value)) : kept;
      });
    },
    async ofCheck(actor, id, origin) {
      const row = await readOwnCheck(dependencies, actor, id);
      return database.transaction(async (session) => {
        const notices: NoticeAnswer[] = [];
        for (const kept of await noticesOfCheck(session, keys, row.person_id, id)) {
          await auditNotice(dependencies, session, kept, {
            actor,
            origin,
            action: 'notice.read',
            outcome: 'disclosed',
          });
          notices.push(await answerOf(dependencies, session, kept));
        }
        return ok({ notices });
      });
    },
    async read(actor, id, origin) {
      return ok(await read(actor, id, origin));
    },
    async preview(actor, id, origin) {
      return ok(paperOf(await read(actor, id, origin), null));
    },
    async print(actor, id, origin) {
      return ok(await issue(dependencies, actor, id, 'page', origin));
    },
    async pdf(actor, id, origin) {
      const {
        notice,
        qr: _qr,
        isCounted: _isCounted,
        ...words
      } = await issue(dependencies, actor, id, 'pdf', origin);
      return ok(await dependencies.printer.print({ ...sheetOf(notice), ...words }));
    },
    async byToken(token, view, origin) {
      const kept = await noticeOfToken(database, keys, token);
      if (!kept) return null;
      await auditPublic(dependencies, kept, view, origin);
      const content = contentOf(kept);
      return {
        token,
        state: await stateOf(database, kept),
        version: kept.version,
        titleZh: content.titleZh,
        institutionZh: content.institutionZh,
        itemZh: content.itemZh,
        openingZh: content.openingZh,
        lines: [...noticeLines(content, 'public')],
        madeAt: kept.madeAt as Instant,
        drill: content.drill,
      };
    },
  };
};
