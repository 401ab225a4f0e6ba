import { describe, expect, it } from 'vitest';
import { existingWords } from './consent-block.ts';

const like = (nameZh: string, zh: string) => ({ item: { nameZh }, text: { zh } });

describe('what there is to read once the patient agrees', () => {
  it('says each place and time once, with all items made there and then', () => {
    const liver = '望溪市中心医院 2026-11-21 有同类结果，征得患者同意后可查看内容';
    const chest = '望溪市妇幼保健院 2026-11-20 有同类结果，征得患者同意后可查看内容';
    expect(
      existingWords([
        like('总蛋白', liver),
        like('胸部正位DR', chest),
        like('白蛋白', liver),
        like('总蛋白', liver),
      ]),
    ).toEqual([`总蛋白、白蛋白：${liver}`, `胸部正位DR：${chest}`]);
  });
});
