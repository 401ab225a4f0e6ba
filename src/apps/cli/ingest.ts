import { raiser } from '../../kernel/fault.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { closeQuietSeries } from '../flows/imaging/close-series.ts';
import { receiving } from '../flows/imaging/receive.ts';
import type { Installation } from '../installation.ts';
import { CLI_FAULTS } from './faults.ts';
import { ingestImages, type ImagesReceipt } from './ingest-images.ts';
import { senderDirectory } from '../../adapters/postgres/senders.ts';
import {
  type Command,
  type CommandContext,
  EXIT,
  type ExitCode,
  parseArguments,
  withInstallation,
} from './command.ts';
import { type IngestReceipt, type IngestRun, ingestFiles } from './ingest-files.ts';

const USAGE = 'ingest FILE|FOLDER… [--sender CODE | --images --institution CODE] [--json]';

const PROBLEMS_SHOWN_MAX = 20;

const receiptLines = ({
  messages,
  accepted,
  duplicate,
  quarantined,
  refused,
  reasons,
}: IngestReceipt): string[] => [
  `共 ${messages} 条消息：接收 ${accepted}，重复 ${duplicate}，隔离 ${quarantined}，未受理 ${refused}`,
  ...Object.entries(reasons).map(([code, count]) => `  ${code}\t${count}`),
  ...(quarantined > 0 ? ['隔离的消息已完整保存：huren quarantine list'] : []),
];

const exitCode = ({ receipt, ended }: IngestRun): ExitCode => {
  if (ended === 'unreachable') return EXIT.unreachable;
  return ended === 'stopped' || receipt.quarantined + receipt.refused > 0 ? EXIT.findings : EXIT.done;
};

const imageLines = ({
  files,
  stored,
  known,
  held,
  quarantined,
  refused,
  passedOver,
  reasons,
}: ImagesReceipt): string[] => [
  `共 ${files} 个影像文件：存入 ${stored}，已有 ${known}，冲突待查 ${held}，隔离 ${quarantined}，未受理 ${refused}`,
  ...Object.entries(reasons).map(([code, count]) => `  ${code}\t${count}`),
  ...(passedOver > 0 ? [`另有 ${passedOver} 个文件不是影像，已跳过`] : []),
];

/** Takes images instead of messages; at the end the series that came in are closed at once. */
const takeImages = async (
  installation: Installation,
  paths: readonly string[],
  institution: string,
  context: CommandContext,
  asJson: boolean,
): Promise<ExitCode> => {
  let problems = 0;
  const { receipt, ended } = await ingestImages(receiving(installation), paths, {
    institution: institution as InstitutionCode,
    signal: context.signal,
    onProgress: ({ files, stored }, file) => context.progress(`${files} 个影像文件，存入 ${stored}：${file}`),
    onProblem: (place, code, detail) => {
      problems++;
      if (problems <= PROBLEMS_SHOWN_MAX)
        context.note(`${place}: ${detail === undefined ? code : `${code} ${detail}`}`);
    },
  });
  context.progress('');
  if (problems > PROBLEMS_SHOWN_MAX) context.note(`… ${problems - PROBLEMS_SHOWN_MAX}`);
  const since = installation.clock();
  while ((await closeQuietSeries(installation, since)) > 0);
  if (asJson) context.out(JSON.stringify(receipt));
  else for (const line of imageLines(receipt)) context.out(line);
  if (ended === 'unreachable') return EXIT.unreachable;
  return ended === 'stopped' || receipt.held + receipt.quarantined + receipt.refused > 0
    ? EXIT.findings
    : EXIT.done;
};

/** `huren ingest`: takes HL7 v2 messages out of files, folders and archives. */
export const ingestCommand: Command = {
  usage: USAGE,
  summaryZh:
    '接收文件、文件夹或压缩包中的 HL7 v2 消息（.hl7、.txt、.zip，一个文件可有多条）；加 --images 则接收 DICOM 影像（文件夹、光盘、压缩包）',
  summaryEn:
    'takes the HL7 v2 messages of files, folders and archives (.hl7, .txt, .zip; several in one file); with --images DICOM images of folders, media and archives',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      {
        sender: { type: 'string' },
        images: { type: 'boolean' },
        institution: { type: 'string' },
        json: { type: 'boolean' },
      },
      USAGE,
      { min: 1, max: 100_000 },
    );
    const { institution } = values;
    if (
      (values.images === true) !== (institution !== undefined) ||
      (values.images && values.sender !== undefined)
    )
      throw raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
    return withInstallation(context, async (installation) => {
      if (institution !== undefined)
        return takeImages(installation, positionals, institution, context, values.json === true);
      const dependencies = {
        ...installation,
        senders: senderDirectory(installation.database, installation.clock),
      };
      let problems = 0;
      const run = await ingestFiles(dependencies, positionals, {
        ...(values.sender === undefined ? {} : { sender: values.sender }),
        signal: context.signal,
        onProgress: ({ messages, accepted, duplicate }, file) =>
          context.progress(`${messages} 条消息，接收 ${accepted}，重复 ${duplicate}：${file}`),
        onProblem: (file, code, place, detail) => {
          problems++;
          if (problems <= PROBLEMS_SHOWN_MAX)
            context.note(`${file}: ${[code, place, detail].filter((part) => part !== '').join(' ')}`);
        },
      });
      context.progress('');
      if (problems > PROBLEMS_SHOWN_MAX) context.note(`… ${problems - PROBLEMS_SHOWN_MAX}`);
      if (values.json) context.out(JSON.stringify(run.receipt));
      else for (const line of receiptLines(run.receipt)) context.out(line);
      return exitCode(run);
    });
  },
};
