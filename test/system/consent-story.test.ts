import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentFlows } from '../../src/apps/flows/consent/consents.ts';
import type { Fault } from '../../src/kernel/fault.ts';
import type { Result } from '../../src/kernel/result.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { consentRequestShape } from '../../src/web/wire/consent.ts';
import { orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

const valueOf = <Value>(result: Result<Value, Fault>): Value => {
  if (!result.ok) throw result.reason;
  return result.value;
};

describe('the child of Chongqing, in a city whose rule is to ask', () => {
  let bench: RegionBench;
  beforeAll(async () => {
    bench = await regionBench();
  });
  afterAll(() => bench?.drop());

  const doctor = doctorOf('QL-DONGHU');
  const flows = () => consentFlows({ ...bench.dependencies, publicUrl: () => 'https://huren.example' });

  it('the film of five days ago is found, the mother agrees, and it is opened', async () => {
    const child = memberOf(bench, 'child');
    const rules = (await bench.dependencies.snapshots.current()).snapshot.rulesAt(bench.now);
    const chest = [...rules.codeMapOf('QL-DONGHU').values()].find(({ item }) => item === 'XR-CHEST-PA');
    const request = orderCheckRequestShape.parse(
      bench.orderOf(child, { items: [{ line: 1, code: chest?.localCode }] }),
    );
    const check = valueOf(await bench.flows.check(doctor, request, bench.origin));
    expect(check.lines[0]).toMatchObject({
      outcome: 'consent-needed',
      candidates: [],
      existing: [{ item: { code: 'XR-CHEST-PA' }, institution: { code: 'WX-MCH' } }],
    });
    expect(check.interrupt).toBe(true);
    const recorded = await flows().recordOnCheck(
      doctor,
      check.id as PublicId,
      { relation: 'parent' },
      null,
      bench.origin,
    );
    expect(valueOf(recorded).act).toMatchObject({ relation: 'parent', recipient: { code: 'QL-DONGHU' } });
    const opened = valueOf(await bench.flows.read(doctor, check.id as PublicId, bench.origin));
    expect(opened.lines[0]).toMatchObject({ outcome: 'must-consider', existing: [] });
    expect(opened.lines[0]?.candidates[0]?.examination?.impression).not.toBe('');
  });

  it('for a child nobody but a parent or guardian agrees', async () => {
    const child = memberOf(bench, 'child');
    const { person } = await bench.check(bench.orderOf(child));
    for (const relation of ['self', 'sibling', 'other']) {
      const act = consentRequestShape.parse({ kind: 'consented', way: 'spoken', relation });
      const recorded = await flows().record(doctor, person as PublicId, act, null, bench.origin);
      expect(recorded.ok ? null : recorded.reason.code, relation).toBe('CONSENT_GUARDIAN_NEEDED');
    }
  });

  it('the code on a phone: whoever scans it reads what counts, decides, and takes it back', async () => {
    const child = memberOf(bench, 'child');
    const { person } = await bench.check(bench.orderOf(child));
    const { url } = valueOf(await flows().invite(doctor, person as PublicId, bench.origin));
    const token = url.split('/').at(-1) as string;
    const before = await flows().invited(token, bench.origin);
    expect(before).toMatchObject({
      personZh: '周＊＊',
      drill: true,
      overview: { needsGuardian: true, acts: [] },
    });
    expect(JSON.stringify(before)).not.toContain('周小满');
    const decide = (kind: 'consented' | 'withdrawn', key: string) =>
      flows().recordInvited(
        token,
        { kind, relation: 'parent', representative: '周明', scope: 'all' },
        key,
        bench.origin,
      );
    expect(valueOf(await decide('consented', 'k1')).effectZh).toContain('医生可以看到');
    expect((await flows().invited(token, bench.origin))?.overview.level).toBe('content');
    expect(valueOf(await decide('withdrawn', 'k2')).effectZh).toContain('征求您的同意');
    expect((await flows().invited(token, bench.origin))?.overview.level).toBe('existence');
  });

  it('a code that was altered, or is old, opens nothing', async () => {
    const child = memberOf(bench, 'child');
    const { person } = await bench.check(bench.orderOf(child));
    const { url } = valueOf(await flows().invite(doctor, person as PublicId, bench.origin));
    const token = url.split('/').at(-1) as string;
    const [payload = '', seal = ''] = token.split('.');
    const forged = `${Buffer.from(
      Buffer.from(payload, 'base64url').toString('utf8').replace('QL-DONGHU', 'WX-CENTRAL'),
    ).toString('base64url')}.${seal}`;
    expect(await flows().invited(forged, bench.origin)).toBeNull();
    const later = consentFlows({
      ...bench.dependencies,
      clock: () => (bench.now + 16 * 60_000) as never,
      publicUrl: () => '',
    });
    expect(await later.invited(token, bench.origin)).toBeNull();
    const refused = await later.recordInvited(
      token,
      { kind: 'consented', relation: 'parent', representative: '周明', scope: 'all' },
      'k3',
      bench.origin,
    );
    expect(refused.ok ? null : refused.reason.code).toBe('CONSENT_INVITATION_INVALID');
  });
});
