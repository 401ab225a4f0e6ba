import { describe, expect, it } from 'vitest';
import type { Instant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { auditEvent, type LoggedDisclosure } from './audit-event.ts';

const ROW: LoggedDisclosure = {
  id: '01935f4a-7c00-7000-8000-000000000001' as PublicId,
  occurredAt: Date.UTC(2026, 10, 25, 8) as Instant,
  actor: 'staff:doctor',
  role: 'doctor',
  department: '儿科',
  staffNumber: '100118',
  institution: 'YX-COUNTY',
  action: 'report.read',
  resource: 'report/01935f4a-7c00-7000-8000-000000000002',
  purpose: 'treatment',
  basis: 'assumed-by-policy',
  outcome: 'disclosed',
  peer: '127.0.0.1',
  person: '01935f4a-7c00-7000-8000-000000000003' as PublicId,
};

describe('an audit event by IHE BALP', () => {
  it('says who, whom, what, why, from where and with what result', () => {
    expect(auditEvent(ROW)).toMatchObject({
      resourceType: 'AuditEvent',
      action: 'R',
      recorded: '2026-11-25T08:00:00.000Z',
      outcome: '0',
      agent: [
        {
          role: [{ coding: [{ code: 'doctor' }] }],
          altId: '100118',
          location: { display: '儿科' },
          who: { identifier: { value: 'staff:doctor' } },
          requestor: true,
          policy: ['urn:huren:audit:basis:assumed-by-policy'],
          network: { address: '127.0.0.1' },
        },
        { who: { identifier: { value: 'YX-COUNTY' } }, requestor: false },
      ],
      entity: [{ role: { code: '1' } }, { what: { identifier: { value: ROW.resource } } }],
    });
  });

  it('has exactly one requestor, a patient, a source and a profile for whatever was done', () => {
    for (const action of ['report.read', 'order.check', 'person.search', 'correction.submit', 'order.fulfil'])
      for (const institution of ['YX-COUNTY', null]) {
        const event = auditEvent({ ...ROW, action, institution });
        expect(event.agent.filter(({ requestor }) => requestor)).toHaveLength(1);
        expect(event.entity.filter(({ role }) => role.code === '1')).toHaveLength(1);
        expect(event.meta.profile).toHaveLength(1);
      }
  });

  it.each([
    ['disclosed', '0'],
    ['refused', '4'],
    ['not-checked', '4'],
    ['failed', '8'],
  ])('tells the outcome %s as %s', (outcome, code) => {
    expect(auditEvent({ ...ROW, outcome }).outcome).toBe(code);
  });

  it('keeps a purpose that HL7 has no code for', () => {
    const [purpose] = auditEvent({ ...ROW, purpose: 'of-our-own' }).purposeOfEvent;
    expect(purpose?.coding).toEqual([{ system: 'urn:huren:audit:purpose', code: 'of-our-own' }]);
  });
});
