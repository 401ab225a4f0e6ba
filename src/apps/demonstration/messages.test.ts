import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { charsetOf } from '../../adapters/hl7v2/charset.ts';
import { readHl7Message } from '../../adapters/hl7v2/read-message.ts';
import { nationalIdProblem } from '../../kernel/check-digits.ts';
import { DAY_MS, instant } from '../../kernel/instant.ts';
import type { IncomingReport } from '../../result/index.ts';
import { DIALECTS } from './dialects.ts';
import { demonstrationMessages } from './messages.ts';
import { INSTITUTION_CODES } from './region.ts';
import type { DemonstrationMessage } from './sending.ts';
import { demonstrationSenders } from './senders.ts';

const now = instant(Date.UTC(2026, 10, 23, 3));
const generate = (seed: string, people = 150): readonly DemonstrationMessage[] => [
  ...demonstrationMessages({ seed, people, now }),
];
const digest = (messages: readonly DemonstrationMessage[]): string => {
  const hash = createHash('sha256');
  for (const { sender, bytes, sentAt } of messages) hash.update(sender).update(bytes).update(String(sentAt));
  return hash.digest('hex');
};

const senders = new Map(demonstrationSenders().map((sender) => [sender.code, sender]));
const read = ({ sender, bytes }: DemonstrationMessage) => {
  const known = senders.get(sender);
  const charset = known && charsetOf(known.charset);
  if (!known || !charset) throw new Error(`no sender ${sender}`);
  return readHl7Message(bytes, {
    charset,
    zone: known.zone,
    institution: known.institution,
    dialect: known.dialect as Parameters<typeof readHl7Message>[1]['dialect'],
  });
};

const messages = generate('one');
const contents = messages.flatMap((message) => {
  const result = read(message);
  return result.ok ? [{ sender: message.sender, sentAt: message.sentAt, content: result.value.message }] : [];
});
const reports = contents.flatMap(({ sender, content }) =>
  content.kind === 'reports'
    ? content.reports.map((report) => ({ sender, report, patient: content.patient }))
    : [],
);
const isFinal = ({ status }: IncomingReport): boolean => status === 'final' || status === 'corrected';

describe('the demonstration’s messages', () => {
  it('are the same bytes for the same seed and moment, and others for another seed', () => {
    expect(digest(generate('one'))).toBe(digest(messages));
    expect(digest(generate('two'))).not.toBe(digest(messages));
  });

  it('can all be read, but for those made to be unreadable, which cannot', () => {
    const refused = messages.filter((message) => !read(message).ok);
    expect(refused.map(({ meant }) => meant)).toEqual(refused.map(() => 'unreadable'));
    expect(refused).toHaveLength(messages.filter(({ meant }) => meant === 'unreadable').length);
    expect(refused.length).toBeGreaterThan(3);
  });

  it('come from every institution that reports, in UTF-8, GB18030 and GBK, with several versions and delimiters', () => {
    const heard = new Set(contents.map(({ sender }) => sender));
    for (const { code, institution } of senders.values())
      expect(heard.has(code), code).toBe(institution !== 'WX-LAB');
    const dialects = INSTITUTION_CODES.map((code) => DIALECTS[code]);
    expect(new Set(dialects.map(({ charset }) => charset)).size).toBe(3);
    expect(new Set(dialects.map(({ version }) => version)).size).toBeGreaterThan(4);
    expect(new Set(dialects.map(({ delimiters }) => delimiters)).size).toBeGreaterThan(1);
  });

  it('end yesterday or today and reach back two years, half of them within ninety days', () => {
    const ages = messages.map(({ sentAt }) => (now - sentAt) / DAY_MS);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...ages)).toBeLessThan(2);
    expect(Math.max(...ages)).toBeLessThan(731);
    expect(Math.max(...ages)).toBeGreaterThan(600);
    const recent = ages.filter((age) => age <= 91).length / ages.length;
    expect(recent).toBeGreaterThan(0.4);
    expect(recent).toBeLessThan(0.75);
  });

  it('carry reports, orders and admissions with final, corrected, withdrawn and preliminary reports', () => {
    const count = (status: IncomingReport['status']): number =>
      reports.filter(({ report }) => report.status === status).length;
    for (const status of ['final', 'corrected', 'cancelled', 'preliminary'] as const)
      expect(count(status), status).toBeGreaterThan(0);
    const kinds = new Set(reports.map(({ report }) => report.kind));
    expect([...kinds].toSorted()).toEqual(['electrocardiogram', 'imaging', 'laboratory']);
    const events = new Set(
      contents.flatMap(({ content }) => (content.kind === 'admission' ? [content.event] : [])),
    );
    expect(events.has('A40')).toBe(true);
    expect(contents.some(({ content }) => content.kind === 'orders')).toBe(true);
  });

  it('name people whose ID numbers hold their check digit and their birth date', () => {
    const ids = reports.flatMap(({ patient }) =>
      patient.identifiers
        .filter(({ type }) => type === 'national-id')
        .map(({ number }) => ({ number, birth: patient.birthDate?.text ?? '' })),
    );
    expect(ids.length).toBeGreaterThan(500);
    for (const { number, birth } of ids) {
      if (number.length === 18) expect(nationalIdProblem(number), number).toBeNull();
      expect(birth.slice(2)).toBe(number.length === 18 ? number.slice(8, 14) : number.slice(6, 12));
    }
  });

  it('keep the order of times: ordered, collected, received, reported', () => {
    for (const { report } of reports.filter(({ report }) => isFinal(report))) {
      const times = [report.orderedAt, report.collectedAt, report.receivedAt, report.reportedAt].flatMap(
        (time) => (time ? [time.at] : []),
      );
      expect(times, report.reportNumber).toEqual(times.toSorted((left, right) => left - right));
    }
  });

  it('never state when the specimen was collected at the hospital of Chinese medicine in the county', () => {
    const own = reports.filter(
      ({ sender, report }) => sender === 'YX-TCM-ZYLIS' && report.kind === 'laboratory',
    );
    expect(own.length).toBeGreaterThan(5);
    for (const { report } of own) {
      expect(report.collectedAt).toBeNull();
      expect(report.receivedAt).not.toBeNull();
    }
  });

  it('give every report number of an institution to one person only', () => {
    const owners = new Map<string, string>();
    for (const { sender, report, patient } of reports) {
      const key = `${sender}|${report.reportNumber}`;
      const owner = patient.birthDate?.text ?? '';
      expect(owners.get(key) ?? owner, key).toBe(owner);
      owners.set(key, owner);
    }
  });
});
