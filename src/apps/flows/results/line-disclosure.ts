import type { ItemCode } from '../../../catalogue/index.ts';
import type { ConsentState } from '../../../consent/index.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import {
  CONSENT_NOT_RECORDED,
  type Disclosure,
  disclosureOf,
  isNameDisclosed,
  type Rules,
  stricterDisclosure,
} from '../../../recognition/index.ts';
import type { ReportKind } from '../../../result/index.ts';

/** A line of a report as far as it decides who may see it. */
export interface DisclosedLine {
  /** As it was read when it came in, and as the code map that rules now reads it: both count. */
  readonly items: readonly (ItemCode | undefined)[];
  readonly localName: string;
  /** Title of its report: of a line without an item it is the best that is known. */
  readonly title: string;
  readonly performer: InstitutionCode;
  readonly reporter: InstitutionCode;
}

/**
 * Who reads outside of any order. An institution; or, without one, the patient and whoever acts for the patient, to whom
 * everything is shown but restricted classes, and these too where they were asked for.
 */
export interface LineReader {
  readonly institution: InstitutionCode | null;
  /** Whose emergency access counts (`emergencyDoctor`); absent: nobody's. */
  readonly doctor?: string | null;
  /** Whose words beside a report are the reader's own (`Actor.name`); absent: nobody's. */
  readonly author?: string;
  readonly asksForRestricted?: boolean;
}

const SHOWN: Disclosure = { level: 'content', basis: 'assumed-by-policy', act: null };

/**
 * How much of a line a reader may see outside of any order, whose purpose could ask for a restricted item. Where the line
 * is known by two items the stricter counts. Consent is between institutions: to a reader without one it is of no account.
 */
export const lineDisclosure = (
  { items, localName, title, performer, reporter }: DisclosedLine,
  { institution, asksForRestricted }: LineReader,
  consent: ConsentState,
  rules: Rules,
): Disclosure => {
  if (institution === null && asksForRestricted) return SHOWN;
  const known = items.filter((item) => item !== undefined);
  const names = known.length === 0 ? [localName, title] : [localName];
  const [first = null, ...others] = known;
  const disclosureAs = (item: ItemCode | null): Disclosure => {
    const subject = { item, names, performer, reporter };
    const found = disclosureOf(
      subject,
      null,
      { institution },
      institution === null ? CONSENT_NOT_RECORDED : consent,
      rules,
    );
    return institution === null && found.level === 'existence' ? SHOWN : found;
  };
  return others.reduce((found, item) => stricterDisclosure(found, disclosureAs(item)), disclosureAs(first));
};

/** What a report is called to whom its own title would tell what is hidden in it. */
const PLAIN_TITLES: Readonly<Record<string, string>> = { laboratory: '检验报告' };

/** Whether what a report is called may be shown to a reader. */
export const isTitleDisclosed = (
  title: string,
  source: InstitutionCode,
  { institution, asksForRestricted }: LineReader,
  rules: Rules,
): boolean =>
  (institution === null && asksForRestricted === true) ||
  isNameDisclosed({ names: [title], performer: source, reporter: source }, { institution }, rules);

/** The title of a report as a reader may read it. */
export const shownTitle = (
  { title, kind }: { readonly title: string; readonly kind: ReportKind },
  source: InstitutionCode,
  reader: LineReader,
  rules: Rules,
): string => (isTitleDisclosed(title, source, reader, rules) ? title : (PLAIN_TITLES[kind] ?? '检查报告'));
