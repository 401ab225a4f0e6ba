import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METHOD_CLASSES } from '../../src/catalogue/index.ts';
import { readOrderCheck } from '../../src/adapters/postgres/order-checks.ts';
import { explanationText } from '../../src/apps/flows/checks/explain-check.ts';
import { openKeptCheck } from '../../src/apps/flows/checks/kept-check.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { explanationContent } from '../../src/web/explanation-page.ts';
import type { Explanation } from '../../src/web/wire/order-check-answer.ts';
import { CHECK_WORDS, DATA_WORDS } from '../../src/web/words.ts';
import { type RegionBench, regionBench } from './region-bench.ts';

type Candidate = Explanation['lines'][number]['candidates'][number];
type Check = Candidate['checks'][number];

const SIGNS = { pass: '✓', fail: '✗', unknown: '?', 'assumed-by-policy': '~' } as const;

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** What a reader reads: white space counts for nothing, because it is laid out. */
const squeezed = (text: string): string => text.replace(/\s+/g, '');
const readText = (html: string): string =>
  squeezed(html.replace(/<[^>]*>/g, ' ').replace(/&[a-z#0-9]+;/g, (entity) => ENTITIES[entity] ?? entity));

const ADDRESSES = { check: '/', self: '/', report: () => '/' };
const pageOf = (explanation: Explanation, isAllOpen = true): string =>
  explanationContent(explanation, ADDRESSES, isAllOpen).text;

/** The citations that a page lists, by their numbers. */
const listedCitations = (page: string): ReadonlyMap<string, string> =>
  new Map(
    [...page.matchAll(/<li id="citation-(\d+)"><b>\[\1\]<\/b> (.*?)<\/li>/g)].map(
      ([, number = '', text = '']) => [number, readText(text)],
    ),
  );

/** How the page refers to one thing that the command line cites in full. */
const referenceTo = (cited: string, item: string, citations: ReadonlyMap<string, string>): string => {
  for (const [number, text] of citations) {
    if (squeezed(cited) === text) return `[${number}]`;
    const [, row] = /^(?:.*) 第 (.+) 行$/.exec(cited) ?? [];
    if (row !== undefined && squeezed(cited) === `${text}第${squeezed(row)}行`)
      return row === item ? `[${number}]本项目行` : `[${number}]第${squeezed(row)}行`;
  }
  throw new Error(`not among the citations: ${cited}`);
};

const rowOf = (check: Check, item: string, citations: ReadonlyMap<string, string>): string => {
  const data = check.data.flatMap(({ name, words }) =>
    words === null ? [] : `${DATA_WORDS[name] ?? name}${words.zh}`,
  );
  const references = (check.citation?.zh.split('；') ?? []).map((cited) =>
    referenceTo(cited, item, citations),
  );
  return squeezed(
    `${check.name.zh}${CHECK_WORDS[check.outcome]}${check.text.zh}${data.join('') || '—'}${references.join('') || '—'}`,
  );
};

const partLines = ({ parts }: Explanation['lines'][number]): readonly string[] =>
  parts.map(({ item, outcomeText }) => `${item.nameZh}：${outcomeText.zh}`);

/** The lines by which `huren explain` says what the explanation holds. */
const linesOf = ({ lines }: Explanation): readonly string[] =>
  lines
    .flatMap((line) => [
      line.outcomeText.zh,
      line.panelText?.zh,
      line.quietText?.zh,
      ...partLines(line),
      ...line.candidates.flatMap((candidate) => [
        candidate.rowText.zh,
        candidate.zoneText?.zh,
        candidate.untilText?.zh,
        candidate.missing?.heading.zh,
        ...(candidate.missing?.conditions.map(({ text }) => text.zh) ?? []),
        candidate.missing?.remainder?.zh,
        ...candidate.checks.map(
          ({ outcome, name, text, citation }) =>
            `${SIGNS[outcome]} ${name.zh}：${text.zh}${citation === null ? '' : `（${citation.zh}）`}`,
        ),
      ]),
    ])
    .filter((text) => text !== undefined);

describe('the page of a decision', () => {
  let bench: RegionBench;
  const explained = new Map<string, Explanation>();

  beforeAll(async () => {
    bench = await regionBench();
    for (const member of bench.cast) {
      if (member.person.nationalId === null) continue;
      const check = await bench.check(bench.orderOf(member));
      if (check.person === null) continue;
      const answer = await bench.flows.explain(bench.doctor, check.id as PublicId, bench.origin);
      if (!answer.ok) throw answer.reason;
      explained.set(member.key, answer.value);
    }
  });
  afterAll(() => bench?.drop());

  it('calls recognisable only what is, in the words of the card', () => {
    for (const { lines } of explained.values())
      for (const line of lines)
        if (/可互认结果/.test(line.outcomeText.zh) && !/未发现/.test(line.outcomeText.zh))
          expect(line.candidates.some(({ chosen, grade }) => chosen && grade === 'must-consider')).toBe(true);
  });

  it('names in Chinese all data that the checks of the region’s stories rest on', () => {
    const checks = [...explained.values()].flatMap(({ lines }) =>
      lines.flatMap(({ candidates }) => candidates.flatMap((each) => each.checks)),
    );
    const data = checks.flatMap((check) => check.data);
    expect(checks.length).toBeGreaterThan(100);
    expect(data.map(({ name }) => name).filter((name) => !Object.hasOwn(DATA_WORDS, name))).toEqual([]);
    for (const { words } of data) expect(words?.zh ?? '').not.toMatch(/"|undefined/);
  });

  it('has, folded or not, every check of every result with its data and each citation once', () => {
    let rows = 0;
    for (const explanation of explained.values()) {
      const folded = pageOf(explanation, false);
      const citations = listedCitations(folded);
      expect(new Set(citations.values()).size).toBe(citations.size);
      for (const page of [folded, pageOf(explanation)]) {
        const text = readText(page);
        for (const { candidates } of explanation.lines)
          for (const { checks, item } of candidates)
            for (const check of checks) {
              rows++;
              expect(text).toContain(rowOf(check, item.code, citations));
            }
      }
    }
    expect(rows).toBeGreaterThan(200);
  });

  it('names methods in words, never by the class that the code map has', () => {
    const said = [...explained.values()].flatMap(({ lines }) =>
      lines.flatMap(({ candidates }) =>
        candidates.flatMap(({ checks }) =>
          checks.flatMap(({ text, data }) => [text.zh, ...data.flatMap(({ words }) => words?.zh ?? [])]),
        ),
      ),
    );
    expect(said.some((text) => text.includes('化学发光'))).toBe(true);
    expect(said.filter((text) => METHOD_CLASSES.some((each) => text.includes(each)))).toEqual([]);
  });

  it('says what `huren explain` says: no line of it is made of anything else', async () => {
    const { dependencies } = bench;
    for (const explanation of explained.values()) {
      const row = await readOrderCheck(dependencies.database, explanation.id as PublicId);
      if (!row) throw new Error(`check ${explanation.id} was not kept`);
      const printed = explanationText(await openKeptCheck(dependencies, row, null)).map(({ zh }) =>
        zh.trim(),
      );
      const known = new Set(linesOf(explanation));
      const said = printed
        .map((line) => line.replace(/^第 \d+ 行：/, ''))
        .filter((line) => !known.has(line) && !/│/.test(line));
      expect(said).toEqual([]);
      const results = printed.filter((line) => /│/.test(line));
      expect(results).toHaveLength(explanation.lines.flatMap(({ candidates }) => candidates).length);

      const text = readText(pageOf(explanation));
      const parts = new Set(explanation.lines.flatMap(partLines));
      for (const line of linesOf(explanation).filter((each) => !/^[✓✗?~] /.test(each) && !parts.has(each)))
        expect(text).toContain(squeezed(line));
      // Members of a panel for which the same was found stand together.
      for (const [item = '', outcome] of [...parts].map((line) => squeezed(line).split('：')))
        expect(text).toMatch(new RegExp(`${item.replace(/[()+]/g, '\\$&')}(、[^：]*)?：${outcome}`));
    }
  });

  it('says what several results have in common once, and stays short', () => {
    const explanation = explained.get('three-orders') as Explanation;
    const results = explanation.lines.flatMap(({ candidates }) => candidates);
    const page = pageOf(explanation);
    expect(results.length).toBeGreaterThan(30);
    expect(page.split('是否确为本患者的结果').length - 1).toBeLessThan(results.length / 3);
    const summaries = [...pageOf(explanation, false).matchAll(/<summary>([\s\S]*?)<\/summary>/g)];
    expect(summaries.length).toBeGreaterThan(results.length / 2);
  });
});
