import { type KeptNotice, noticesOfPersons } from '../../../adapters/postgres/notices.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { Registry } from '../../../adapters/postgres/registry.ts';
import { readRepeats, type RepeatRow } from '../../../adapters/postgres/repeats-of-person.ts';
import type { ItemCode } from '../../../catalogue/index.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import {
  CONSENT_NOT_RECORDED,
  type NoticeContent,
  noticeLines,
  type Rules,
} from '../../../recognition/index.ts';
import type { OwnRepeats } from '../../../web/wire/own-data.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { institutionAnswer, momentAnswer } from '../present.ts';
import { lineDisclosure, type LineReader } from '../results/line-disclosure.ts';
import { lineReaderOf, ownAudit, type OwnReader } from './own-reader.ts';

type Repeat = OwnRepeats['repeats'][number];

const UNKNOWN_SOURCE = 'UNKNOWN' as InstitutionCode;

/** The instrument that the reason comes from, with its list: what a patient may look up or hold against it. */
const basisOf = (code: string, rules: Rules): string => {
  const { instrument, content: _content, ...list } = rules.reasonSourceOf(code);
  const named = instrument === undefined ? '' : `《${instrument.titleZh}》（${instrument.number}），`;
  return `${named}情形 ${code}（${list.authorityZh}，第 ${list.version} 版）`;
};

const itemsOf = ({ item_ids }: RepeatRow, registry: Registry): readonly ItemCode[] =>
  (item_ids ?? []).flatMap((id) => registry.itemCode(id) ?? []);

const fromDecision = (row: RepeatRow, registry: Registry, rules: Rules): Omit<Repeat, 'notice'> => {
  const { reason, local_reason, sub_reasons } = row;
  const { content } = rules.noticeTemplates;
  const plain = (code: string) => content.subReasons.filter((each) => each.code === code);
  const institution = registry.institutionCode(row.institution_id) ?? UNKNOWN_SOURCE;
  const names = itemsOf(row, registry).map((code) => rules.itemOf(code)?.item.nameZh ?? code);
  // What was ordered, in the words of those who did it: a panel has a name, and twelve items say less than it.
  const panel = names.length > 1 ? rules.panelOf(institution, row.local_code)?.nameZh : undefined;
  return {
    id: row.public_id,
    itemZh: panel ?? (names.length > 0 ? names.join('、') : row.local_code),
    institutionZh: institutionAnswer(rules, institution).nameZh,
    departmentZh: row.department,
    decidedAt: momentAnswer(row.responded_at) as string,
    plainZh: [...content.reasons.filter((each) => each.reason === reason), ...sub_reasons.flatMap(plain)].map(
      ({ plainZh }) => plainZh,
    ),
    reasonZh:
      rules.reasons.local.find(({ code }) => code === local_reason)?.text.zh ??
      rules.reasons.national.find(({ code }) => code === reason)?.text.zh ??
      null,
    // Only a doctor who confirmed a notice has said what for; a template's proposal is not his word.
    purposeZh: null,
    necessityZh: null,
    basisZh: basisOf(local_reason ?? reason ?? '', rules),
    prior: [],
  };
};

const withNotice = (repeat: Omit<Repeat, 'notice'>, kept: KeptNotice | undefined): Repeat => {
  if (!kept) return { ...repeat, notice: null };
  const content = JSON.parse(kept.content) as NoticeContent;
  return {
    ...repeat,
    itemZh: content.itemZh,
    plainZh: [...content.reason.plainZh],
    reasonZh: content.reason.localZh ?? content.reason.wordsZh,
    purposeZh: content.purposeZh,
    necessityZh: content.necessityZh,
    prior: [...content.prior],
    notice: {
      titleZh: content.titleZh,
      madeAt: momentAnswer(kept.madeAt) as string,
      lines: [...noticeLines(content, 'staff')],
    },
  };
};

/** Whether a repeat may be told to this reader: it names what was examined. */
const isTold = (
  row: RepeatRow,
  repeat: Repeat,
  registry: Registry,
  rules: Rules,
  reader: LineReader,
): boolean => {
  const source = registry.institutionCode(row.institution_id) ?? UNKNOWN_SOURCE;
  return [repeat.itemZh, row.local_code, ...repeat.prior.map(({ itemZh }) => itemZh)].every(
    (localName) =>
      lineDisclosure(
        { items: itemsOf(row, registry), localName, title: localName, performer: source, reporter: source },
        reader,
        CONSENT_NOT_RECORDED,
        rules,
      ).level === 'content',
  );
};

/** Why something was done again although there was an earlier result (为什么又做了一次): the doctor's reason, and the paper where one was given out. */
export const readOwnRepeats = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  asked: 'shown' | undefined,
  origin: CallOrigin,
): Promise<OwnRepeats> => {
  const { database, keys, clock, snapshots } = dependencies;
  const at = clock();
  const { registry, snapshot } = await snapshots.current();
  const [rows, notices] = await database.transaction(async (session) => {
    const read = await Promise.all([
      readRepeats(session, reader.members),
      noticesOfPersons(session, keys, reader.members),
      keepAudit(
        session,
        reader.personId,
        at,
        ownAudit(dependencies, reader, origin, {
          action: 'own-repeats.read',
          resource: `person/${reader.person}/repeats`,
          outcome: 'disclosed',
        }),
      ),
    ]);
    return [read[0], read[1]] as const;
  });
  const rules = snapshot.rulesAt(at);
  const lineReader = lineReaderOf(reader, asked);
  const latest = new Map(
    notices.toSorted((left, right) => left.version - right.version).map((kept) => [kept.response, kept]),
  );
  return {
    repeats: rows.flatMap((row) => {
      const repeat = withNotice(fromDecision(row, registry, rules), latest.get(row.public_id));
      return isTold(row, repeat, registry, rules, lineReader) ? [repeat] : [];
    }),
  };
};
