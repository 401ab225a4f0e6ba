import { describe, expect, it } from 'vitest';
import {
  compiled,
  EXAMPLE,
  exampleDocuments,
  listDocument,
  NOW,
  orderOf,
  resultOf,
  sessionOf,
  UNTREATED,
  withChanged,
  withGrants,
} from '../../test/example-region.ts';
import { decide } from './decide.ts';
import { disclose } from './disclose.ts';
import { CONSENT_NOT_RECORDED } from './disclosure.ts';
import { evaluate } from './evaluate.ts';
import { explainDecision, explainMissing, explainVerdict, panelText, say, shortReasons } from './explain.ts';
import type { CandidateFacts } from './facts.ts';
import type { ListDocument } from './list-document.ts';
import { decideAndRecord, replay } from './replay.ts';

const rules = EXAMPLE.rulesAt(NOW);
const verdictOf = (name: string, candidate: CandidateFacts) =>
  evaluate(orderOf(name), candidate, EXAMPLE, UNTREATED, NOW);

describe('a verdict in words', () => {
  it('names the zone, the window with its end, the mark, and what each rests on', () => {
    const explained = explainVerdict(verdictOf('LC-K', resultOf('LC-K', '2026-11-15 08:00')), rules);
    expect(explained.grade.zh).toBe('可互认');
    expect(explained.zone).toEqual({ zh: '适用互认区域：鄂', en: 'zone: E province' });
    expect(explained.until?.zh).toBe('本判定维持至 2026-11-22');
    const texts = Object.fromEntries(
      explained.checks.map(({ check, text, citation }) => [check, { text: text.zh, citation: citation?.zh }]),
    );
    expect(texts['within-window']).toEqual({
      text: '2026-11-15 08:00 采样（检查），参考时限 7 天，至 2026-11-22',
      citation:
        '互认项目清单 E 2026 版 第 LC-K 行；《关于进一步推进医疗机构检查检验结果互认的指导意见》（国卫医政发〔2024〕37号）二（一）',
    });
    expect(texts['quality-basis']?.text).toBe('江城第一医院有“鄂HR”标识（2026-01-01 至 2027-01-01）');
    expect(texts['tier-direction']?.text).toBe('三级甲等 的结果，三级甲等 应予互认：同级互认');
  });

  it('gives the short reasons of what stands against it, else what speaks for it', () => {
    const passed = shortReasons(verdictOf('LC-K', resultOf('LC-K', '2026-11-10 08:00')), rules);
    expect(passed.map(({ zh }) => zh)).toEqual([
      '已超过参考时限（7 天，自 2026-11-10 08:00 起，至 2026-11-17 止），可供参考',
    ]);
    expect(shortReasons(verdictOf('LC-K', resultOf('LC-K', '2026-11-15 08:00')), rules)).toHaveLength(3);
  });

  it.each([
    [
      'a side',
      'MR-KNEE-P',
      resultOf('MR-KNEE-P', '2026-11-15 08:00', { side: 'left' }),
      '侧别未注明（申请未注明，已有左侧），不能确认是同一检查',
    ],
    [
      'a specimen',
      'LC-K',
      resultOf('LC-K', '2026-11-15 08:00', { specimen: 'urine' }),
      '标本不同：已有结果为尿，应为血清、血浆',
    ],
    [
      'a state',
      'LC-K',
      resultOf('LC-K', '2026-11-15 08:00', { specimenStates: ['haemolysed'] }),
      '标本不合格：溶血',
    ],
    [
      'an institution',
      'LC-K',
      resultOf('LC-K', '2026-11-15 08:00', { performer: 'QIN-1' }),
      '秦都第一医院与江城第二医院没有共同的互认区域',
    ],
  ])('says %s in words', (_, name, candidate, text) => {
    const texts = explainVerdict(verdictOf(name, candidate), rules).checks.map((check) => check.text.zh);
    expect(texts).toContain(text);
  });

  it('leaves no placeholder unfilled in any finding of the tables', () => {
    const candidates = [
      resultOf('LC-K', null),
      resultOf('LC-K', '2026-11-30 08:00', {
        specimen: 'urine',
        specimenStates: ['other:x'],
        standing: 'withdrawn',
      }),
      resultOf('LC-GLU', '2026-11-15 08:00', { timePoint: '120 min' }),
      resultOf('CT-CHEST-P', '2026-11-15 08:00', { images: 'absent', performer: 'COUNTY' }),
    ];
    for (const candidate of candidates)
      for (const { text, name, citation } of explainVerdict(verdictOf(candidate.item, candidate), rules)
        .checks)
        expect(`${text.zh}${text.en}${name.zh}${citation?.zh ?? ''}`).not.toMatch(/[{}]|undefined|NaN/);
  });
});

describe('what would have made it recognisable', () => {
  const assessed = (name: string, candidate: CandidateFacts, own = false) => ({
    verdict: verdictOf(name, candidate),
    own,
  });
  const texts = (name: string, candidate: CandidateFacts): readonly string[] =>
    explainMissing(assessed(name, candidate), rules)?.conditions.map(({ text }) => text.zh) ?? [];

  it.each([
    [
      'a window that passed',
      resultOf('LC-K', '2026-11-10 08:00'),
      [
        '采样（检查）时间明确，且在参考时限内（现为：已超过参考时限（7 天，自 2026-11-10 08:00 起，至 2026-11-17 止），可供参考）',
      ],
    ],
    [
      'a missing collection time, which leaves window and mark open',
      resultOf('LC-K', null),
      [
        '采样（检查）时间明确，且在参考时限内（现为：采样（检查）时间未注明，参考时限 7 天 无法计算）',
        '检查检验时有有效的互认标识或质量依据（现为：采样（检查）时间未注明，当时有无质量依据无法判断）',
      ],
    ],
    [
      'a preliminary report',
      resultOf('LC-K', '2026-11-15 08:00', { standing: 'preliminary' }),
      ['报告为正式报告（现为：仅为初步报告）'],
    ],
  ])('names %s', (_, candidate, expected) => {
    expect(texts('LC-K', candidate)).toEqual(expected);
  });

  it('says without a common zone that its list could not be checked', () => {
    const missing = explainMissing(
      assessed('LC-K', resultOf('LC-K', '2026-11-15 08:00', { performer: 'QIN-1' })),
      rules,
    );
    expect(missing?.remainder?.zh).toBe('并须符合该区域清单的其余条件（本次无从核对）');
  });

  it.each([
    ['what must be considered', resultOf('LC-K', '2026-11-15 08:00'), false],
    ['what is another person’s', resultOf('LC-K', '2026-11-15 08:00', { identity: 'none' }), false],
    ['a withdrawn report', resultOf('LC-K', '2026-11-15 08:00', { standing: 'withdrawn' }), false],
    ['an own result', resultOf('LC-K', '2026-11-10 08:00'), true],
  ])('says nothing of %s', (_, candidate, own) => {
    expect(explainMissing(assessed('LC-K', candidate, own), rules)).toBeNull();
  });
});

describe('what a check rests on', () => {
  const citationOf = (documents: readonly ListDocument[], check: string) => {
    const snapshot = compiled(documents);
    const verdict = evaluate(orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00'), snapshot, UNTREATED, NOW);
    const { checks } = explainVerdict(verdict, snapshot.rulesAt(NOW));
    return checks.find((each) => each.check === check)?.citation;
  };
  const instrument = { titleZh: '鄂互认项目清单', number: '鄂卫通〔2026〕1号' };
  const named = (article?: string, rowArticle?: string) =>
    withChanged('item-list', 'E', (list) => ({
      ...list,
      instrument: { ...instrument, ...(article === undefined ? {} : { article }) },
      content: {
        ...list.content,
        rows: list.content.rows.map((row) => ({
          ...row,
          ...(rowArticle === undefined ? {} : { article: rowArticle }),
        })),
      },
    }));

  it.each([
    ['only the instrument where the list names no article', undefined, undefined, '鄂卫通〔2026〕1号）；'],
    ['the article of the whole list', '附件1', undefined, '鄂卫通〔2026〕1号）附件1；'],
    ['the row’s own article before it', '附件1', '第七条', '鄂卫通〔2026〕1号）第七条；'],
  ])('names %s', (_, article, rowArticle, text) => {
    expect(citationOf(named(article, rowArticle), 'within-window')?.zh).toContain(text);
  });

  it('names the articles that a jurisdiction gives for a check in place of the shipped ones', () => {
    const bases = listDocument('legal-bases', 'E', {
      bases: [{ check: 'within-window', titleZh: '鄂办法', number: '鄂1号', article: '第五条' }],
    });
    const text = citationOf([...exampleDocuments(), bases], 'within-window')?.zh;
    expect(text).toBe('互认项目清单 E 2026 版 第 LC-K 行；《鄂办法》（鄂1号）第五条');
  });

  it('is nothing where no list and no article stands behind it', () => {
    expect(citationOf(exampleDocuments(), 'report-stands')).toBeNull();
  });
});

it('a jurisdiction’s own sentence comes before the shipped one', () => {
  const own = listDocument('sentences', 'E', {
    sentences: { 'grade.must-consider': { zh: '应予互认', en: 'must be recognised' } },
  });
  const theirs = compiled([...exampleDocuments(), own]).rulesAt(NOW);
  expect(say(theirs, 'grade.must-consider').zh).toBe('应予互认');
  expect(say(theirs, 'grade.excluded')).toEqual(say(rules, 'grade.excluded'));
});

describe('sentences that were published for an older program', () => {
  // As an authority may have them: a copy of what was shipped once, with a word of its own.
  const copied = listDocument('sentences', 'default', {
    sentences: {
      'grade.must-consider': { zh: '应予互认', en: 'must be recognised' },
      'panel.nothing-to-order': {
        zh: '{panel} {members} 项均已有结果',
        en: '{panel}: all {members} covered',
      },
      'word.image-not-stated.side': {
        zh: '影像侧别相互矛盾（报告为{asked:side}）',
        en: 'the images contradict each other on the side (the report is of the {asked:side})',
      },
    },
  });
  const older = compiled([...exampleDocuments(), copied]);
  const theirs = older.rulesAt(NOW);
  const lacking = (kind: string, found: string | number | null, asked: string | number) => ({
    notStated: [{ kind, found, asked }],
    failures: [{ kind, found, asked }],
  });

  it('say what they say, and the program says what they lack', () => {
    expect(say(theirs, 'grade.must-consider').zh).toBe('应予互认');
    expect(say(theirs, 'finding.images-none-but-documents').zh).toBe('未收到影像，仅收到文档或定位像');
    expect(say(theirs, 'finding.images-unfit', lacking('spacing', 10, 1)).zh).toContain(
      '层间距 10 mm，有间隔',
    );
  });

  it('give way where they name a value that findings no longer bring', () => {
    const data = { panel: '肝功能两项', required: 2 };
    expect(say(theirs, 'panel.nothing-to-order', data).zh).toBe('肝功能两项 2 项均已有结果');
    expect(say(theirs, 'panel.nothing-to-order', { ...data, members: 3 }).zh).toContain(' 3 项');
  });

  it('stay true: no side stated is no contradiction', () => {
    const sides = (found: string | null) =>
      say(theirs, 'finding.images-not-stated', lacking('side', found, 'left'));
    expect(sides('unclear').zh).toContain('影像侧别相互矛盾（报告为左侧）');
    expect(sides(null).zh).toContain('影像侧别（报告为左侧）');
    expect(sides(null).en).toContain('do not state what is asked: the side of the images');
  });

  it('change no decision and no record', () => {
    const search = {
      kind: 'searched' as const,
      candidates: [resultOf('LC-K', '2026-11-15 08:00')],
      patient: UNTREATED,
    };
    const session = sessionOf([{ localCode: 'K01' }]);
    const { record } = decideAndRecord(session, search, EXAMPLE, NOW);
    const under = decideAndRecord(session, search, older, NOW).record;
    expect({ facts: under.facts, verdicts: under.verdicts }).toEqual({
      facts: record.facts,
      verdicts: record.verdicts,
    });
    expect(replay(record, EXAMPLE).outcome).toBe('same');
    expect(replay(under, older).outcome).toBe('same');
  });
});

it('a sentence that no table has is a fault that names its key', () => {
  expect(() => say(rules, 'no.such-key')).toThrow(
    expect.objectContaining({ code: 'SENTENCE_MISSING', place: 'no.such-key' }),
  );
});

describe('a decision in words', () => {
  const search = {
    kind: 'searched' as const,
    candidates: [
      resultOf('LC-ALT', '2026-11-10 08:00'),
      resultOf('LC-K', '2026-11-10 08:00', { identity: 'weak' }),
    ],
    patient: UNTREATED,
  };
  const decision = decide(
    sessionOf([{ localCode: 'GN' }, { localCode: 'K01' }, { localCode: '?' }]),
    search,
    EXAMPLE,
    NOW,
  );
  const disclosed = disclose(decision, { institution: 'JIANG-2' as never }, CONSENT_NOT_RECORDED, rules);

  it('names what a panel lacks and the code to order it alone', () => {
    const [line] = disclosed.lines;
    expect(line && panelText(line, rules)?.zh).toBe(
      '肝功能两项 已有 1/2 项，缺“天门冬氨酸氨基转移酶”，可单独开单（AST）',
    );
  });

  it('never calls recognisable what is only for reference, and counts no result that it shows as missing', () => {
    // Of ALT the quality basis is wanting; AST is past its window. Both are shown, neither is 可互认.
    const documents = withGrants('JIANG-1', []);
    const theirs = compiled(documents);
    const decided = decide(
      sessionOf([{ localCode: 'GN' }]),
      {
        kind: 'searched',
        candidates: [resultOf('LC-ALT', '2026-11-15 08:00'), resultOf('LC-AST', '2026-09-15 08:00')],
        patient: UNTREATED,
      },
      theirs,
      NOW,
    );
    expect(decided.lines[0]?.panel?.missing.map(({ item }) => item)).toEqual(['LC-AST']);
    const lines = explainDecision(
      disclose(decided, { institution: 'JIANG-2' as never }, CONSENT_NOT_RECORDED, theirs.rulesAt(NOW)),
      theirs.rulesAt(NOW),
    ).map(({ zh }) => zh.trim());
    expect(lines).toContain('第 1 行：有可供参考的结果');
    expect(lines).toContain('肝功能两项 2 项中，已有 0 项，另有结果可供参考 2 项，无结果 0 项');
    expect(lines).toContain('丙氨酸氨基转移酶：有可供参考的结果');
    expect(lines.join('\n')).not.toMatch(/：(部分)?已有可互认结果/);
  });

  it('says what would have made a result recognisable, in the words of the explanation page', () => {
    const late = decide(
      sessionOf([{ localCode: 'K01' }]),
      { kind: 'searched', candidates: [resultOf('LC-K', '2026-11-10 08:00')], patient: UNTREATED },
      EXAMPLE,
      NOW,
    );
    const [assessed] = late.lines[0]?.parts[0]?.assessed ?? [];
    const missing = assessed && explainMissing(assessed, rules);
    const lines = explainDecision(
      disclose(late, { institution: 'JIANG-2' as never }, CONSENT_NOT_RECORDED, rules),
      rules,
    ).map(({ zh }) => zh.trim());
    expect(missing?.conditions).toHaveLength(1);
    for (const text of [missing?.heading, ...(missing?.conditions.map((each) => each.text) ?? [])])
      expect(lines).toContain(text?.zh);
  });

  it('explains also what is never offered', () => {
    const lines = explainDecision(disclosed, rules).map(({ zh }) => zh);
    expect(lines).toContain('第 1 行：部分已有可互认结果');
    expect(lines).toContain('第 2 行：参考时限内未发现可互认结果');
    expect(lines).toContain('第 3 行：院内编码未对照，本次未核查');
    expect(lines.join('\n')).toContain('✗ 是否确为本患者的结果：身份仅部分相符，不能确认是同一人');
  });
});
