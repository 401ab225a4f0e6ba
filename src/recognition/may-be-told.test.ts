import { describe, expect, it } from 'vitest';
import { EXAMPLE, itemCode, NOW, resultOf } from '../../test/example-region.ts';
import type { ConsentAct, ConsentState } from '../consent/index.ts';
import { HOUR_MS, instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import { CONSENT_NOT_RECORDED } from './disclosure.ts';
import type { OrderPurpose } from './facts.ts';
import { mayBeTold } from './may-be-told.ts';
import { readOrder } from './order-session.ts';

const rules = EXAMPLE.rulesAt(NOW);
const HERE = 'JIANG-2' as InstitutionCode;
const potassium = resultOf('LC-K', '2026-11-10 08:00', { performer: 'JIANG-1' });
const hiv = resultOf('LI-HIV', '2026-11-10 08:00', { performer: 'JIANG-1' });

const told = (
  items: readonly { readonly item: string; readonly purpose?: OrderPurpose }[],
  consent: ConsentState = CONSENT_NOT_RECORDED,
) =>
  mayBeTold(
    readOrder(
      {
        institution: HERE,
        encounterClass: 'outpatient',
        purpose: 'diagnosis',
        diagnoses: [],
        lines: items.map(({ item, purpose }) => ({ item: itemCode(item), ...(purpose && { purpose }) })),
      },
      rules,
    ),
    { institution: HERE },
    consent,
    rules,
  );

const refusal = (source: string | null): ConsentState => {
  const act: ConsentAct = {
    id: 'a' as PublicId,
    kind: 'denied',
    scope: {
      purpose: 'treatment',
      source: source as InstitutionCode | null,
      recipient: null,
      recordClass: null,
    },
    relation: 'self',
    way: 'spoken',
    wording: '1',
    actedAt: instant(NOW - HOUR_MS),
    until: null,
  };
  return { acts: [act], emergencies: [], at: NOW };
};

describe('what may be told of what is ordered', () => {
  it('is not asked where nothing could be hidden', () => {
    expect(told([{ item: 'LC-K' }])).toBeNull();
  });

  it('is nothing of a restricted class, unless it is our own', () => {
    const may = told([{ item: 'LI-HIV' }, { item: 'LC-K' }]);
    expect(may?.(hiv)).toBe(false);
    expect(may?.(potassium)).toBe(true);
    expect(may?.({ ...hiv, performer: HERE })).toBe(true);
  });

  it('is something where any line asks for a purpose that opens the class', () => {
    expect(told([{ item: 'LI-HIV', purpose: 'pre-operative' }])).toBeNull();
    expect(told([{ item: 'LI-HIV' }, { item: 'LI-HIV', purpose: 'pre-operative' }])?.(hiv)).toBe(true);
  });

  it('is nothing of a source that the patient hides, and the rest as before', () => {
    const may = told([{ item: 'LC-K' }], refusal('JIANG-1'));
    expect(may?.(potassium)).toBe(false);
    expect(
      may?.({
        ...potassium,
        performer: 'JIANG-3' as InstitutionCode,
        reporter: 'JIANG-3' as InstitutionCode,
      }),
    ).toBe(true);
    expect(told([{ item: 'LC-K' }], refusal(null))?.({ ...potassium, reporter: HERE })).toBe(true);
  });
});
