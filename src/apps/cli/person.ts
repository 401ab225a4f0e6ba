import { readFileSync } from 'node:fs';
import {
  decidePair,
  findPersons,
  openReviewsOf,
  type PersonSummary,
  showPerson,
} from '../../adapters/postgres/person-search.ts';
import { raiser } from '../../kernel/fault.ts';
import { civilTimeText } from '../../kernel/civil-day.ts';
import { isUuid, type PublicId } from '../../kernel/uuid.ts';
import { type LinkGrade, PERSON_FAULTS } from '../../person/index.ts';
import type { Installation } from '../installation.ts';
import {
  type Command,
  type CommandContext,
  EXIT,
  type ExitCode,
  parseArguments,
  withInstallation,
} from './command.ts';
import { CLI_FAULTS } from './faults.ts';
import { evaluateMatching, readLabelledRecords } from './person-evaluate.ts';

const USAGE =
  'person find TEXT | show ID | link ID ID [--grade weak|strong] | unlink ID ID | merge ID ID | unmerge ID ID | review | evaluate RECORDS.csv TRUTH.csv [--by NAME] [--reason TEXT] [--json]';

const OPTIONS = {
  by: { type: 'string' },
  reason: { type: 'string' },
  grade: { type: 'string' },
  json: { type: 'boolean' },
} as const;

interface Options {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  readonly grade?: string | undefined;
  readonly json?: boolean | undefined;
}

const SEX_ZH = { male: '男', female: '女', unknown: '性别未知', 'not-stated': '性别未说明' } as const;
const GRADE_ZH = { 'same-record': '本条登记', strong: '强关联', weak: '弱关联' } as const;

const usage = () => raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
const raisePerson = raiser(PERSON_FAULTS);

/** Internal keys never leave the program, not even to the console. */
const leaving = ({ publicId, issuer, name, sex, birthDate, identifiers, clusterSize }: PersonSummary) => ({
  publicId,
  issuer,
  name,
  sex,
  birthDate,
  identifiers,
  clusterSize,
});

const line = (person: PersonSummary): string =>
  [
    person.publicId,
    person.name ?? '（无姓名）',
    SEX_ZH[person.sex],
    person.birthDate ?? '出生日期未知',
    person.issuer,
    person.identifiers.map(({ type, masked }) => `${type} ${masked}`).join('、'),
  ].join('\t');

const publicIdOf = (text: string | undefined): PublicId => {
  if (text === undefined || !isUuid(text)) throw usage();
  return text;
};

const find = async (
  { database, keys }: Installation,
  text: string,
  json: boolean,
  out: CommandContext['out'],
) => {
  const { persons, more } = await findPersons(database, keys, { text });
  if (json) out(JSON.stringify({ persons: persons.map(leaving), more }));
  else {
    for (const person of persons) out(line(person));
    out(more ? '结果过多，只列出前一部分，请用证件号或病历号查找' : `共 ${persons.length} 条登记`);
  }
  return EXIT.done;
};

const show = async (
  { database, keys }: Installation,
  id: PublicId,
  json: boolean,
  out: CommandContext['out'],
) => {
  const view = await showPerson(database, keys, id);
  if (!view) throw raisePerson('PERSON_UNKNOWN', { place: id });
  const publicIds = new Map(view.members.map(({ personId, publicId }) => [personId, publicId]));
  const links = view.links.map(({ personId, otherId, ...link }) => ({
    person: publicIds.get(personId),
    other: publicIds.get(otherId),
    ...link,
  }));
  const members = view.members.map((member) => ({ grade: member.grade, ...leaving(member) }));
  if (json)
    out(
      JSON.stringify({ person: leaving(view.person), clusterVersion: view.clusterVersion, members, links }),
    );
  else {
    for (const member of view.members) out(`${GRADE_ZH[member.grade]}\t${line(member)}`);
    for (const { person, other, grade, cause, evidence } of links)
      out(`  ${person} — ${other}\t${GRADE_ZH[grade]}\t${cause}\t${evidence.join(' ')}`);
  }
  return EXIT.done;
};

const review = async ({ database, keys }: Installation, json: boolean, out: CommandContext['out']) => {
  const waiting = await openReviewsOf(database, keys);
  if (json)
    out(
      JSON.stringify(
        waiting.map((one) => ({ ...one, person: leaving(one.person), other: leaving(one.other) })),
      ),
    );
  else {
    for (const { openedAt, evidence, person, other } of waiting) {
      out(`${civilTimeText(openedAt)}\t${evidence.join(' ')}`);
      out(`  ${line(person)}`);
      out(`  ${line(other)}`);
    }
    out(`待核对 ${waiting.length} 对`);
  }
  return waiting.length > 0 ? EXIT.findings : EXIT.done;
};

const gradeOf = (verb: string, { grade }: Options): LinkGrade => {
  if (verb === 'merge') return 'strong';
  if (grade !== undefined && grade !== 'weak' && grade !== 'strong') throw usage();
  return grade ?? 'weak';
};

const decide = async (
  { database, keys, clock }: Installation,
  verb: string,
  ids: readonly [PublicId, PublicId],
  options: Options,
  out: CommandContext['out'],
): Promise<ExitCode> => {
  const [personPublicId, otherPublicId] = ids;
  if (verb === 'merge') {
    const issuers = [];
    for (const id of ids) issuers.push((await showPerson(database, keys, id))?.person.issuer);
    if (issuers[0] !== issuers[1]) throw raisePerson('PERSON_MERGE_FOREIGN', { place: otherPublicId });
  }
  const result = await decidePair(database, {
    personPublicId,
    otherPublicId,
    decision: verb === 'link' || verb === 'merge' ? 'link' : 'part',
    grade: gradeOf(verb, options),
    actor: `console:${options.by ?? 'console'}`,
    reason: options.reason ?? `huren person ${verb}`,
    at: clock(),
  });
  if (!result.ok)
    throw raisePerson(result.reason.code, { place: otherPublicId, detail: result.reason.detail });
  const { changed, stillConnectedBy } = result.value;
  const stillConnected = stillConnectedBy.length > 0;
  if (options.json) out(JSON.stringify({ changed, stillConnected }));
  else {
    out(changed ? '已完成' : '原本如此，未作改动');
    if (stillConnected)
      out('两条登记仍经其他登记相连；在逐一核对之前，该组结果不作互认依据（huren person show 可查看）');
  }
  return stillConnected ? EXIT.findings : EXIT.done;
};

const evaluate = (recordsPath: string, truthPath: string, out: CommandContext['out']): ExitCode => {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw raiser(CLI_FAULTS)('FILE_UNREADABLE', { place: path, cause });
    }
  };
  const score = evaluateMatching(readLabelledRecords(read(recordsPath), read(truthPath)));
  out(JSON.stringify(score, null, 2));
  return score.clustersWithTwoPersons > 0 ? EXIT.findings : EXIT.done;
};

/**
 * `huren person`: finds and shows persons, links and parts records, lists the review queue, and scores the matching
 * rules on a labelled set of a region's own.
 */
export const personCommand: Command = {
  usage: USAGE,
  summaryZh: '查找、查看人员登记；关联、拆分、合并登记；待核对队列；用带标准答案的数据评估匹配规则',
  summaryEn:
    'finds and shows persons; links, parts and merges records; the review queue; scores the matching rules on labelled data',
  async run(args, context) {
    const { values, positionals } = parseArguments(args, OPTIONS, USAGE, { min: 1, max: 3 });
    const [verb = '', first, second] = positionals;
    const json = values.json ?? false;
    if (verb === 'evaluate' && first && second) return evaluate(first, second, context.out);
    if (verb === 'review' && !first)
      return withInstallation(context, (installation) => review(installation, json, context.out));
    if (verb === 'find' && first && !second)
      return withInstallation(context, (installation) => find(installation, first, json, context.out));
    if (verb === 'show' && !second) {
      const id = publicIdOf(first);
      return withInstallation(context, (installation) => show(installation, id, json, context.out));
    }
    if (!['link', 'unlink', 'merge', 'unmerge'].includes(verb)) throw usage();
    const ids = [publicIdOf(first), publicIdOf(second)] as const;
    gradeOf(verb, values);
    return withInstallation(context, (installation) => decide(installation, verb, ids, values, context.out));
  },
};
