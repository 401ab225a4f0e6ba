import { qrCode } from '../../src/adapters/documents/qr-code.ts';
import type { NoticeFlows } from '../../src/apps/server/notices-port.ts';
import { defineFaults, raiser } from '../../src/kernel/fault.ts';
import { instant } from '../../src/kernel/instant.ts';
import { fail, ok } from '../../src/kernel/result.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { NoticePaper } from '../../src/web/notice-pages.ts';
import type { NoticeAnswer } from '../../src/web/wire/notice.ts';
import { EXAMPLE_NAME } from './example-flows.ts';

const raise = raiser(
  defineFaults({ EXAMPLE_NOTICE_UNKNOWN: { status: 404, zh: '没有这张告知单。', en: 'No such notice.' } }),
);

/** The notice that the example flows know, about a person whose name needs rare characters. */
export const EXAMPLE_NOTICE = '01930000-0000-7000-b000-000000000001' as PublicId;
/** The token on its paper. */
export const EXAMPLE_TOKEN = 'example-token';

const PRIOR = {
  itemZh: '胸部正位 DR',
  institutionZh: '示例市第一人民医院',
  atText: '2026-11-18 08:12',
  valueZh: '影像报告',
};

const notice: NoticeAnswer = {
  id: EXAMPLE_NOTICE,
  check: '01930000-0000-7000-9000-000000000001',
  line: 1,
  version: 1,
  state: 'valid',
  titleZh: '检查检验结果未予互认告知单',
  institutionZh: '示例县人民医院',
  openingZh: '经接诊医师结合您目前病情判断，该项目需要复检。',
  lines: [
    { labelZh: '患者', textZh: EXAMPLE_NAME },
    { labelZh: '复检项目', textZh: PRIOR.itemZh },
    { labelZh: '以前的结果', textZh: `${PRIOR.institutionZh} ${PRIOR.atText} 影像报告` },
    { labelZh: '复检目的', textZh: '看清您现在的胸部正位 DR，好决定怎么治。' },
    { labelZh: '告知时间', textZh: '2026-11-23 09:00' },
  ],
  acknowledgementZh: '以上内容已向我说明，我已知晓。',
  signatureZh: ['患者/家属签名：', '与患者关系：', '日期：'],
  template: { code: 'default', version: '1' },
  drill: true,
  madeAt: '2026-11-23T01:00:00Z',
  recordText: '检查检验结果未予互认告知单',
  verifyUrl: `http://127.0.0.1/verify/notice/${EXAMPLE_TOKEN}`,
};

const PAPER: NoticePaper = {
  notice,
  copyZh: '正本　第 1 版',
  isCounted: true,
  verifyZh: '扫描二维码可核对真伪，并在手机上查看同样内容。',
  drillZh: '演练数据：机构与患者均为虚构',
  qr: qrCode(notice.verifyUrl),
};

/** One notice in memory, for tests of the server and the pages without a database. */
export const exampleNotices = (): NoticeFlows => ({
  draft: async (_actor, check, line) =>
    ok({
      check,
      line,
      itemZh: PRIOR.itemZh,
      prior: [PRIOR],
      plainZh: ['您的病情有了变化，以前的结果和现在对不上。'],
      purposeZh: '看清您现在的胸部正位 DR，好决定怎么治。',
      necessityZh: '以前的结果是2026-11-18做的。从那以后，您的病情有了变化。',
      blanks: [{ name: 'change', labelZh: '病情有什么变化', valueZh: '您的病情有了变化', maximum: 60 }],
      relations: [
        { code: 'self', zh: '本人' },
        { code: 'guardian', zh: '监护人' },
      ],
      namesPrice: false,
    }),
  make: async () => ok(notice),
  ofCheck: async () => ok({ notices: [notice] }),
  read: async (_actor, id) => (id === EXAMPLE_NOTICE ? ok(notice) : fail(raise('EXAMPLE_NOTICE_UNKNOWN'))),
  preview: async () => ok({ ...PAPER, copyZh: '预览，未打印　第 1 版', isCounted: false }),
  print: async () => ok(PAPER),
  pdf: async () => ok(Buffer.from('%PDF-1.7\n')),
  byToken: async (token) =>
    token === EXAMPLE_TOKEN
      ? {
          token,
          state: 'valid',
          version: 1,
          titleZh: notice.titleZh,
          institutionZh: notice.institutionZh,
          itemZh: PRIOR.itemZh,
          openingZh: notice.openingZh,
          lines: notice.lines.map((line) => (line.labelZh === '患者' ? { ...line, textZh: '张＊＊' } : line)),
          madeAt: instant(Date.parse(notice.madeAt)),
          drill: true,
        }
      : null,
});
