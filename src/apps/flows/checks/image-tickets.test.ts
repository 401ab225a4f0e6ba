import { expect, it } from 'vitest';
import { axialStack } from '../../../../test/example-headers.ts';
import {
  compiled,
  exampleDocuments,
  NOW,
  nodulesNeedThinSlices,
  resultOf,
  sessionOf,
  UNTREATED,
} from '../../../../test/example-region.ts';
import { imageFacts, studyFacts } from '../../../imaging/index.ts';
import { decide, type LineDecision } from '../../../recognition/index.ts';
import { imageTickets } from './image-tickets.ts';

const snapshot = compiled([...exampleDocuments(), nodulesNeedThinSlices()]);
const rules = snapshot.rulesAt(NOW);
const lineOf = (over: Parameters<typeof resultOf>[2]): LineDecision =>
  decide(
    sessionOf([{ item: 'CT-CHEST-P' as never }], { diagnoses: ['R91'] }),
    {
      kind: 'searched',
      candidates: [resultOf('CT-CHEST-P', '2026-11-15 08:00', over)],
      patient: UNTREATED,
    },
    snapshot,
    NOW,
  ).lines[0] as LineDecision;
const THICK = {
  images: 'present',
  imaging: imageFacts(studyFacts(axialStack(60, 5)), null),
} as const;

it('a repeat because the images do not suffice tells the source what was found and what is asked', () => {
  expect(imageTickets(lineOf(THICK), ['O3'], rules)).toEqual([
    {
      report: '01934e2a-0000-7000-8000-000000000001',
      kind: 'quality',
      text: '影像不满足本项目要求：层厚 5 mm；本项目要求 ≤ 1.25 mm',
    },
  ]);
});

it.each<[string, Parameters<typeof resultOf>[2], readonly string[], readonly string[]]>([
  ['images that are missing', { images: 'absent' }, ['O4'], ['image-missing']],
  ['another reason than the images', THICK, ['O1'], []],
  ['no sub-reason', THICK, [], []],
  ['a sub-reason that the machine did not find', { images: 'absent' }, ['O3'], []],
  ['images that are still uploading', { images: 'uploading' }, ['O3', 'O4'], []],
])('%s', (_name, over, subReasons, kinds) => {
  expect(imageTickets(lineOf(over), subReasons, rules).map(({ kind }) => kind)).toEqual(kinds);
});
