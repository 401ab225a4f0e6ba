import { describe, expect, it } from 'vitest';
import sentences from '../../../../data/lists/sentences.json' with { type: 'json' };
import type { Bilingual } from '../../../kernel/bilingual.ts';
import { checkTitle, type TitledLine } from './check-title.ts';

const TABLE: Readonly<Record<string, Bilingual>> = sentences.content.sentences;

const line = (
  outcome: TitledLine['outcome'],
  shown: TitledLine['shown'],
  quiet: TitledLine['quiet'] = null,
): TitledLine => ({ outcome, shown, quiet });

const MUST = line('recognisable', 'must-consider');
const PARTLY = line('partly-recognisable', 'must-consider');
const MAY = line('partly-recognisable', 'may-consider');
const OLD = line('reference-only', 'may-consider');
const READ = line('reference-only', 'view-only');
const NONE = line('nothing-found', 'nothing-found');
const UNMAPPED = line('unmapped', 'unmapped');
const OWN = line('own-recent', 'own-institution');

const FOUND_ONE = '拟开项目中有 1 项已有可互认结果，请确认';

describe('the title of a check', () => {
  it.each([
    ['what may be recognised', [MUST, PARTLY, NONE], '拟开项目中有 2 项已有可互认结果，请确认'],
    [
      'a panel of which nothing may be recognised by the rule apart',
      [MUST, MAY],
      `${FOUND_ONE}；另有 1 项可供参考`,
    ],
    ['a result past its window with it', [MUST, MAY, OLD], `${FOUND_ONE}；另有 2 项可供参考`],
    ['nothing that is only to be read', [MUST, READ], FOUND_ONE],
    [
      'no result to recognise where there is none',
      [MAY, NONE],
      '拟开项目中有 1 项已有结果可供参考，由接诊医师判断',
    ],
    [
      'what was not checked before what is for reference',
      [MUST, MAY, UNMAPPED],
      `${FOUND_ONE}；另有 1 项未核查；另有 1 项可供参考`,
    ],
    [
      'what was not checked beside what is only for reference',
      [MAY, UNMAPPED],
      '拟开项目中有 1 项已有结果可供参考，由接诊医师判断；另有 1 项未核查',
    ],
    ['that nothing asks for an answer', [OLD, NONE], '参考时限内未发现可互认结果，有结果可供参考'],
    ['that all is from here', [OWN, OWN], '本院近期已检'],
    ['that nothing was checked', [UNMAPPED], '本次未核查，不影响开单'],
  ] as const)('tells %s', (_what, lines, zh) => {
    const title = checkTitle(
      lines,
      lines.some((each) => each === MUST || each === MAY),
      (key) => {
        const sentence = TABLE[key];
        if (!sentence) throw new Error(`no sentence ${key}`);
        return sentence;
      },
    );
    expect(title.zh).toBe(zh);
    expect(title.en).not.toMatch(/[{}]/);
  });

  it('asks nobody in an emergency', () => {
    const calm = line('recognisable', 'must-consider', 'encounter-class');
    const title = checkTitle([calm, MAY], false, (key) => ({ zh: key, en: key }));
    expect(title.zh).toBe('quiet.encounter-class');
  });
});
