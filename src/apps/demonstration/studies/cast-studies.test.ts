import iconv from 'iconv-lite';
import { expect, it } from 'vitest';
import { instant } from '../../../kernel/instant.ts';
import { demonstrationStudies } from './cast-studies.ts';

const NOW = instant(Date.UTC(2026, 10, 26, 2));

it('A chest CT of the region has several hundred slices', () => {
  const counts = demonstrationStudies(NOW).map(({ study }) => study.instanceCount);
  expect(Math.max(...counts)).toBeGreaterThan(250);
});

it('The hospitals of the region write both character sets', () => {
  const charsets = demonstrationStudies(NOW, true).map(({ study }) => {
    const [first] = study.instances();
    const header = first?.bytes.subarray(0, 64).toString('latin1') ?? '';
    return /GB18030|ISO_IR 192/.exec(header)?.[0];
  });
  expect(new Set(charsets)).toEqual(new Set(['GB18030', 'ISO_IR 192']));
});

it('Devices that were set up in Chinese send the body part as it was typed', () => {
  const headers = demonstrationStudies(NOW, true).map(({ study }) => study.instances().next().value?.bytes);
  const say = (text: Buffer) => headers.some((bytes) => bytes?.includes(text));
  const typed = {
    thick: Buffer.concat([Buffer.from('CS\x04\0'), iconv.encode('胸部', 'gb18030')]),
    knee: Buffer.from('CS\x06\0右膝'),
  };
  expect([say(typed.thick), say(typed.knee), say(Buffer.from('CS\x02\0??'))]).toEqual([true, true, false]);
});
