import { civilTimeText } from '../../kernel/civil-day.ts';
import { DAY_MS, type Instant, instant } from '../../kernel/instant.ts';
import type { DemonstrationMessage } from './sending.ts';
import { senderCodeOf } from './senders.ts';

/** A few messages that every interface meets, so that there is something to see in the quarantine. */
export const unreadableMessages = (now: Instant): readonly DemonstrationMessage[] => {
  const sentAt = instant(now - DAY_MS);
  const stamp = `${civilTimeText(sentAt).replace(/[- :]/g, '')}00`;
  const central = (controlId: string): string =>
    `MSH|^~\\&|IEP|WXSZXYY|HUREN|HR|${stamp}+0800||ORU^R01^ORU_R01|${controlId}|P|2.5.1|||||CHN|UNICODE UTF-8`;
  const patient = 'PID|1||M000900001^^^WXSZXYY^MR||演练甲||19700101|M';
  const other = 'PID|1||M000900002^^^WXSZXYY^MR||演练乙||19700102|F';
  const report = (number: string, collected: string): string =>
    `OBR|1|A${number}|${number}|2823-3^钾^LN|||${collected}|||||||||||||||${stamp}+0800|||F`;
  const result = 'OBX|1|NM|2823-3^钾^LN||4.10|mmol/L|3.50～5.30||||F';
  const broken = (text: string): DemonstrationMessage => ({
    sender: senderCodeOf('WX-CENTRAL'),
    bytes: Buffer.from(text, 'utf8'),
    sentAt,
    meant: 'unreadable',
  });
  const halfCharacter = Buffer.concat([
    Buffer.from(`${central('DRILL-BYTES')}\r`, 'utf8'),
    // The first byte of a character in GBK, cut off: no UTF-8.
    Buffer.from('PID|1||M000900003^^^WXSZXYY^MR||', 'utf8'),
    Buffer.from([0xd1]),
    Buffer.from(`||19700101|M\r${report('LDRILL3', stamp)}\r${result}\r`, 'utf8'),
  ]);
  return [
    broken([central('DRILL-NOBODY'), report('LDRILL1', stamp), result, ''].join('\r')),
    broken([central('DRILL-TWO'), patient, other, report('LDRILL2', stamp), result, ''].join('\r')),
    { ...broken(''), bytes: halfCharacter },
    broken([central('DRILL-DATE'), patient, report('LDRILL4', '20260231080000'), result, ''].join('\r')),
    broken(
      [central('DRILL-STATUS'), patient, report('LDRILL5', stamp).replace(/F$/, 'Q'), result, ''].join('\r'),
    ),
  ];
};
