import { senderDirectory } from '../../adapters/postgres/senders.ts';
import { type Command, EXIT, type ExitCode, parseArguments, withInstallation } from './command.ts';
import { type IngestReceipt, type IngestRun, ingestFiles } from './ingest-files.ts';

const USAGE = 'ingest FILE|FOLDER… [--sender CODE] [--json]';

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

/** `huren ingest`: takes HL7 v2 messages out of files, folders and archives. */
export const ingestCommand: Command = {
  usage: USAGE,
  summaryZh: '接收文件、文件夹或压缩包中的 HL7 v2 消息（.hl7、.txt、.zip，一个文件可有多条）',
  summaryEn:
    'takes the HL7 v2 messages of files, folders and archives (.hl7, .txt, .zip; several in one file)',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { sender: { type: 'string' }, json: { type: 'boolean' } },
      USAGE,
      { min: 1, max: 100_000 },
    );
    return withInstallation(context, async (installation) => {
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
