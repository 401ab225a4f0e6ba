import policy from '../data/lists/policy.json' with { type: 'json' };
import { nationalId } from '../src/apps/demonstration/identity-numbers.ts';
import { ANALYTES } from '../src/apps/demonstration/analytes.ts';
import { DIALECTS, printedUnit } from '../src/apps/demonstration/dialects.ts';
import { localCatalogueOf } from '../src/apps/demonstration/local-codes.ts';

/** A person with so long a history as hardly anybody has: a thousand results of two hundred items at two hospitals. */
export const LONG_HISTORY = {
  nationalId: nationalId('480225', '19510909', '031'),
  name: '龙长卷',
  results: 1000,
  items: 200,
} as const;

const REPORTS = 40;
const LINES = LONG_HISTORY.results / REPORTS;

interface Sender {
  readonly application: string;
  readonly facility: string;
  readonly record: string;
  readonly codes: readonly (readonly [code: string, name: string, system: string, unit: string])[];
}

const RESTRICTED: ReadonlySet<string> = new Set([
  'LI-HIV',
  ...policy.content.restrictedClasses.flatMap((each) => ('items' in each ? (each.items ?? []) : [])),
]);

/** Of the restricted classes another hospital is shown nothing, so they would not count. */
const isShown = ({ item, mapped }: { readonly item: string; readonly mapped: boolean }): boolean =>
  mapped && !RESTRICTED.has(item);

const unitOf = (institution: 'WX-CENTRAL' | 'WX-MCH', item: string): string => {
  const analyte = ANALYTES.get(item);
  return analyte ? printedUnit(DIALECTS[institution], item, analyte.unit, analyte.decimals).text : '';
};

/** Mapped analytes of a hospital, then codes that still wait for their mapping, so many that both make the items. */
const senderOf = (
  institution: 'WX-CENTRAL' | 'WX-MCH',
  application: string,
  facility: string,
  waiting: number,
): Sender => ({
  application,
  facility,
  record: `LONG${facility}`,
  codes: [
    ...[...localCatalogueOf(institution).analytes.values()]
      .filter(isShown)
      .map(({ code, nameZh, system, item }) => [code, nameZh, system, unitOf(institution, item)] as const),
    ...Array.from(
      { length: waiting },
      (_, index) => [`NEW${institution}${index}`, `待对码项目${index}`, 'L', 'U/L'] as const,
    ),
  ],
});

const stamp = (month: number): string => {
  const day = new Date(Date.UTC(2026, 9 - month, 12, 0, 30));
  return `${day.toISOString().slice(0, 16).replace(/[-T:]/g, '')}00+0800`;
};

/** The messages of that person's laboratories, in HL7 v2 as they send them: forty reports of twenty-five lines. */
export const longHistoryMessages = (): readonly string[] => {
  const central = senderOf('WX-CENTRAL', 'IEP', 'WXSZXYY', 0);
  const known = new Set(localCatalogueOf('WX-CENTRAL').analytes.keys());
  const further = [...localCatalogueOf('WX-MCH').analytes.values()].filter(
    (code) => isShown(code) && !known.has(code.item),
  ).length;
  const other = senderOf('WX-MCH', 'FYHIS', 'WXSFYBJY', LONG_HISTORY.items - central.codes.length - further);
  const places = new Map<Sender, number>([
    [central, 0],
    [other, 0],
  ]);
  return Array.from({ length: REPORTS }, (_, index) => {
    const sender = index % 2 === 0 ? central : other;
    const at = stamp(index);
    const first = places.get(sender) as number;
    places.set(sender, first + LINES);
    const lines = Array.from({ length: LINES }, (_line, line) => {
      const [code, name, system, unit] = sender.codes[(first + line) % sender.codes.length] as readonly [
        string,
        string,
        string,
        string,
      ];
      const value = (5 + ((index * 7 + line * 3) % 50) / 10).toFixed(1);
      return `OBX|${line + 1}|NM|${code}^${name}^${system}||${value}|${unit}|3.5-8.5|${Number(value) > 8.5 ? 'H' : ''}|||F|||${at}`;
    });
    return [
      `MSH|^~\\&|${sender.application}|${sender.facility}|HUREN|HR|${at}||ORU^R01^ORU_R01|LONG${index}|P|2.5.1|||||CHN|UNICODE UTF-8`,
      `PID|1||${sender.record}^^^${sender.facility}^MR~${LONG_HISTORY.nationalId}^^^CHN^NNCHN||${LONG_HISTORY.name}||19510909|M`,
      `PV1|1|O|肾内科||||||||||||||||LONGV${index}`,
      `OBR|1|LONGP${index}|LONGR${index}|ALL^综合^L|||${at}|||||||${at}||||||||${at}||LAB|F`,
      ...lines,
      `SPM|1|LONGS${index}||SER^血清^HL70487|||||||||||||${at}|${at}`,
      '',
    ].join('\r');
  });
};
