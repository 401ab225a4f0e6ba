import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { parseAst } from 'vite';
import { describe, expect, it } from 'vitest';
import { cardPage } from '../../src/web/card/card-page.ts';
import {
  cardExplanationPage,
  cardProblemPage,
  cardReportPage,
  handOverPage,
} from '../../src/web/card/card-pages.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { EXAMPLE_ID_NUMBER, EXAMPLE_PERSON, exampleFlows } from '../browser/example-flows.ts';

// The engines that hospital shells embed know what browsers knew in 2015. Lists of what is allowed, not of what is not:
// whatever is new tomorrow is refused without anybody having to remember it.

const PROPERTIES = new Set(
  `background border border-bottom border-collapse border-color border-left border-left-color border-left-style
   border-left-width border-radius border-top box-sizing clear clip color content cursor display float font font-family font-size
   font-weight height line-height list-style margin margin-bottom margin-left margin-right margin-top max-width
   min-height min-width outline outline-color outline-offset overflow overflow-x padding padding-bottom padding-left
   padding-top page-break-inside position table-layout text-align text-decoration vertical-align white-space width
   word-wrap`.split(/\s+/),
);
/** Known to few engines of that time or to none, harmless to those that do not know it: they drop the rule. */
const HARMLESS = new Set(['user-select', '-webkit-user-select', '::details-content', 'content-visibility']);
const PSEUDO = /^(:(focus|hover|first-child|last-child|nth-child)|::before)$/;
const FUNCTIONS = /^(rect|calc|attr)$/;
const DISPLAYS = new Set(['block', 'inline-block', 'none']);
const AT_RULES = /^@media (print|\(max-width: \d+px\))$/;
const ELEMENTS = new Set(
  `html head meta title link body main h1 h2 h3 p strong b span section header footer form input button label textarea fieldset
   legend ul li dl dt dd a kbd code div table caption thead tbody tr th td br script details summary`.split(
    /\s+/,
  ),
);

interface Finding {
  readonly what: string;
}

/** What a style sheet uses that an engine of 2015 does not know. */
const newInStyle = (css: string): Finding[] => {
  const text = css.replace(/\/\*[\s\S]*?\*\//g, '');
  const found: Finding[] = [];
  for (const [rule] of text.matchAll(/@[^{;]+/g))
    if (!AT_RULES.test(rule.trim())) found.push({ what: rule.trim() });
  for (const [, selector = '', body = ''] of text.matchAll(/([^{}@;]+)\{([^{}]*)\}/g)) {
    for (const [pseudo] of selector.matchAll(/::?[\w-]+/g))
      if (!PSEUDO.test(pseudo) && !HARMLESS.has(pseudo))
        found.push({ what: `${pseudo} in ${selector.trim()}` });
    if (/[&|]/.test(selector)) found.push({ what: selector.trim() });
    for (const declaration of body.split(';')) {
      const colon = declaration.indexOf(':');
      if (colon < 0) continue;
      const property = declaration.slice(0, colon).trim();
      const value = declaration.slice(colon + 1).trim();
      if (!PROPERTIES.has(property) && !HARMLESS.has(property)) found.push({ what: property });
      if (property === 'display' && !DISPLAYS.has(value)) found.push({ what: `display: ${value}` });
      for (const [, name = ''] of value.matchAll(/([\w-]+)\(/g))
        if (!FUNCTIONS.test(name)) found.push({ what: `${name}()` });
      if (/\d(dvh|svh|lvh|cqw|lh|rlh)\b/.test(value)) found.push({ what: value });
    }
  }
  return found;
};

const NODES = new Set(
  `Program ExpressionStatement BlockStatement EmptyStatement ReturnStatement IfStatement WhileStatement ForStatement
   ForInStatement VariableDeclaration VariableDeclarator FunctionDeclaration FunctionExpression ThisExpression
   ArrayExpression ObjectExpression Property UnaryExpression UpdateExpression BinaryExpression AssignmentExpression
   LogicalExpression MemberExpression ConditionalExpression CallExpression NewExpression Identifier Literal BreakStatement
   TryStatement CatchClause ThrowStatement`.split(/\s+/),
);
/** Methods that engines of that time have, as far as the card calls any. */
const METHODS = new Set(
  `indexOf slice call querySelectorAll querySelector getBoundingClientRect some forEach test replace focus click
   setAttribute getAttribute removeAttribute postMessage close toUpperCase fromCharCode addEventListener preventDefault scrollTo
   parse submit max min split`.split(/\s+/),
);

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** What a script uses that ES5 does not have. */
const newInScript = (code: string): Finding[] => {
  const found: Finding[] = [];
  const walk = (node: Node): void => {
    if (!NODES.has(node.type)) found.push({ what: node.type });
    if (node.type === 'VariableDeclaration' && node['kind'] !== 'var')
      found.push({ what: String(node['kind']) });
    if (node.type === 'Property' && (node['shorthand'] || node['computed'] || node['method']))
      found.push({ what: 'shorthand property' });
    if (node['optional'] || node['async'] || node['generator']) found.push({ what: `newer ${node.type}` });
    if (node.type === 'LogicalExpression' && node['operator'] === '??') found.push({ what: '??' });
    if (node.type === 'BinaryExpression' && node['operator'] === '**') found.push({ what: '**' });
    if (node.type === 'CatchClause' && node['param'] === null) found.push({ what: 'catch without a name' });
    if (
      node.type === 'CallExpression' &&
      isNode(node['callee']) &&
      node['callee'].type === 'MemberExpression'
    ) {
      const property = node['callee']['property'];
      const name = isNode(property) ? String(property['name']) : '';
      if (!METHODS.has(name)) found.push({ what: `.${name}()` });
    }
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
        if (isNode(child)) walk(child);
  };
  walk(parseAst(code) as unknown as Node);
  if (/,\s*\)/.test(code)) found.push({ what: 'comma before a closing bracket' });
  return found;
};

/** Elements and attributes of a page that an engine of 2015 does not know. */
const newInPage = (page: string): Finding[] => {
  const found: Finding[] = [];
  for (const [, name = ''] of page.matchAll(/<([a-z][\w-]*)/g))
    if (!ELEMENTS.has(name)) found.push({ what: `<${name}>` });
  for (const [attribute] of page.matchAll(
    / (inert|popover\w*|loading|enterkeyhint|is|slot|type="module")(?=[ >=])/g,
  ))
    found.push({ what: attribute });
  if (/\son\w+=|\sstyle=/.test(page.replace(/>[^<]*</g, '><')))
    found.push({ what: 'inline style or handler' });
  return found;
};

const sourceOf = (path: string) => readFileSync(new URL(`../../src/web/${path}`, import.meta.url), 'utf8');

const ASSETS = { style: '/assets/card.css?v=1', script: '/assets/card.js?v=1' };
const watermark = { staffNumber: '1001', department: '儿科', at: instant(Date.UTC(2026, 10, 25)) };

const valued = async <Value>(result: Promise<{ ok: boolean } & { value?: Value }>): Promise<Value> =>
  (await result).value as Value;

/** Every page that a card's token opens, over every kind of line, before and after an answer. */
const pages = async (): Promise<Record<string, string>> => {
  const flows = exampleFlows();
  const actor = {} as never;
  const origin = {} as never;
  const request = orderCheckRequestShape.parse({
    patient: { identifiers: [{ type: 'national-id', number: EXAMPLE_ID_NUMBER }] },
    encounter: { class: '门诊' },
    items: ['DR01', 'K01', 'LFT12', 'GLU', 'NEW01', 'CREA'].map((code, index) => ({ line: index + 1, code })),
  });
  const check = await valued<OrderCheckAnswer>(flows.check(actor, request, origin) as never);
  const person = await valued<never>(flows.person(actor, EXAMPLE_PERSON, origin) as never);
  const cardOf = (shown: OrderCheckAnswer) =>
    cardPage({
      check: shown,
      person,
      refusal: { line: 2, zh: '请选择不互认理由。', text: '' },
      needsGuardian: false,
      consentRefusal: null,
      assets: ASSETS,
      formToken: 't',
      newKey: () => '3f2b0f5e-3d3b-4b0e-9a52-6d7f5f6f7a11',
      watermark,
      addresses: {
        consents: '/card/x/consents',
        responses: '/r',
        report: (id) => `/reports/${id}`,
        images: (id) => `/reports/${id}/images`,
        explanation: '/e',
        notice: (line) => `/notices?line=${line}`,
      },
      emergency: '/card/t/emergency-access',
      emergencyUntil: '2026-11-25T02:00:00Z',
      finish: '/finish',
      parent: { origins: ['https://his.example'], message: '{}' },
    }).text;
  await flows.respond(
    actor,
    check.id as PublicId,
    { line: 1, kind: 'recognise', subReasons: [] },
    'k',
    origin,
  );
  const answered = await valued<OrderCheckAnswer>(flows.read(actor, check.id as PublicId, origin) as never);
  const report = answered.lines[0]?.candidates[0]?.report as PublicId;
  const under = { base: '/card/t', assets: ASSETS, watermark };
  return {
    card: cardOf(check),
    answered: cardOf(answered),
    emergency: cardOf({ ...check, encounterClass: 'emergency', interrupt: false }),
    report: cardReportPage({
      ...under,
      mark: '示例HR',
      person,
      report: await valued<never>(flows.report(actor, report, origin) as never),
    }).text,
    explanation: cardExplanationPage({
      ...under,
      isAllOpen: false,
      explanation: await valued<never>(flows.explain(actor, check.id as PublicId, origin) as never),
    }).text,
    problem: cardProblemPage(
      { status: 503, code: 'ORDER_NOT_CHECKED', zh: '本次未核查', requestId: '1' },
      ASSETS,
    ).text,
    handOver: handOverPage({
      assets: ASSETS,
      handOver: { url: 'https://his.example/a', answers: '{}', timeSeconds: 1, signature: 'f' },
    }).text,
  };
};

/** Budget of the whole card: document, style sheets and script, compressed. */
const CARD_BYTES_MAX = 15_000;

describe('the card', () => {
  it('weighs less than fifteen kilobytes with its style sheets and its script', async () => {
    const { card = '', answered = '' } = await pages();
    const assets = [sourceOf('card/card.css') + sourceOf('style/verdict.css'), sourceOf('card/card.js')];
    for (const page of [card, answered]) {
      const bytes = [page, ...assets].map((text) => gzipSync(text).length);
      expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(CARD_BYTES_MAX);
    }
  });
});

describe('an embedded engine of 2015', () => {
  it('knows everything that the card’s style sheets use', () => {
    for (const path of ['card/card.css', 'style/verdict.css'])
      expect(newInStyle(sourceOf(path)), path).toEqual([]);
  });

  it('knows everything that the card’s script uses', () => {
    expect(newInScript(sourceOf('card/card.js'))).toEqual([]);
  });

  it('knows every element of the card’s pages, and no page needs a style or handler of its own', async () => {
    for (const [name, page] of Object.entries(await pages())) expect(newInPage(page), name).toEqual([]);
  });

  it.each([
    ['.a { display: grid; }', 'display: grid'],
    ['.a { gap: 4px; }', 'gap'],
    ['.a { margin-inline: 4px; }', 'margin-inline'],
    ['.a { color: var(--ink); }', 'var()'],
    ['.a:has(.b) { color: red; }', ':has in .a:has(.b)'],
    [':where(.a) { color: red; }', ':where in :where(.a)'],
    ['@container (width > 1px) { .a { color: red; } }', '@container (width > 1px)'],
    ['.a:focus-visible { color: red; }', ':focus-visible in .a:focus-visible'],
  ])('would have been found out by a style: %s', (css, what) => {
    expect(newInStyle(css).map((finding) => finding.what)).toContain(what);
  });

  it.each([
    ['const a = 1;', 'const'],
    ['var f = () => 1;', 'ArrowFunctionExpression'],
    ['var a = `x`;', 'TemplateLiteral'],
    ['a?.b();', 'ChainExpression'],
    ['f(1,\n);', 'comma before a closing bracket'],
    ['a.closest("b");', '.closest()'],
  ])('would have been found out by a script: %s', (code, what) => {
    expect(newInScript(code).map((finding) => finding.what)).toContain(what);
  });

  it('would have been found out by a page', () => {
    expect(newInPage('<dialog open></dialog>')).toEqual([{ what: '<dialog>' }]);
    expect(newInPage('<p style="color: red">x</p>')).toEqual([{ what: 'inline style or handler' }]);
  });
});
