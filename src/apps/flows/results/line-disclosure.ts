import type { ItemCode } from '../../../catalogue/index.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import {
  CONSENT_NOT_RECORDED,
  disclosureOf,
  isNameDisclosed,
  type Rules,
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
  readonly asksForRestricted?: boolean;
}

/** Whether a reader may see a line outside of any order, whose purpose could ask for a restricted item. */
export const isLineDisclosed = (line: DisclosedLine, reader: LineReader, rules: Rules): boolean => {
  const { institution } = reader;
  if (institution === null && reader.asksForRestricted) return true;
  const { performer, reporter, localName, title } = line;
  const items = line.items.filter((item) => item !== undefined);
  const names = items.length === 0 ? [localName, title] : [localName];
  return (
    isNameDisclosed({ names, performer, reporter }, { institution }, rules) &&
    items.every(
      (item) =>
        disclosureOf({ item, performer, reporter }, null, { institution }, CONSENT_NOT_RECORDED, rules)
          .level === 'content',
    )
  );
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
