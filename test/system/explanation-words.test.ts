import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { explanationContent } from '../../src/web/explanation-page.ts';
import { DATA_WORDS } from '../../src/web/words.ts';
import { type RegionBench, regionBench } from './region-bench.ts';

describe('the page of a decision', () => {
  let bench: RegionBench;
  beforeAll(async () => {
    bench = await regionBench();
  });
  afterAll(() => bench?.drop());

  it('names in Chinese all data that the checks of the region’s stories rest on', async () => {
    const names = new Set<string>();
    let rows = 0;
    for (const member of bench.cast) {
      if (member.person.nationalId === null) continue;
      const check = await bench.check(bench.orderOf(member));
      if (check.person === null) continue;
      const explained = await bench.flows.explain(bench.doctor, check.id as PublicId, bench.origin);
      if (!explained.ok) throw explained.reason;
      const page = explanationContent(explained.value, { check: '/', report: () => '/' }).text;
      for (const { candidates } of explained.value.lines)
        for (const { checks } of candidates)
          for (const { data, citation } of checks) {
            rows++;
            for (const { name } of data) names.add(name);
            if (citation) expect(page).toContain(citation.zh.slice(0, 8));
          }
    }
    expect(rows).toBeGreaterThan(100);
    expect([...names].filter((name) => !Object.hasOwn(DATA_WORDS, name))).toEqual([]);
  });
});
