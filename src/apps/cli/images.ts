import { proofSigner } from '../../adapters/audit-checkpoints/proof-signer.ts';
import { studiesByUid, studyByPublicId, type StudyReading } from '../../adapters/postgres/imaging-reading.ts';
import { type KeptProof, latestProof } from '../../adapters/postgres/study-proofs.ts';
import type { StudyProof } from '../../imaging/index.ts';
import { civilTimeText } from '../../kernel/civil-day.ts';
import { raiser } from '../../kernel/fault.ts';
import { instant } from '../../kernel/instant.ts';
import { isUuid } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { foldColdSeries, type Folding } from '../flows/imaging/fold-series.ts';
import { imageFiguresOf } from '../flows/imaging/image-keeping.ts';
import { imagingFault } from '../flows/imaging/imaging-faults.ts';
import { proveStudy } from '../flows/imaging/prove-study.ts';
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
import { IMAGES_RETIRE_OPTIONS, IMAGES_RETIRE_USAGE, runImagesRetire } from './images-retire.ts';

const USAGE = `images proof STUDY [--now] [--json] | images figures INSTITUTION [--json] | images fold | images ${IMAGES_RETIRE_USAGE} [--json]`;

const usage = (detail: string) => raiser(CLI_FAULTS)('USAGE', { detail: `${detail}: huren ${USAGE}` });

const STATES_ZH = {
  drawn: '已打开',
  'no-pixels': '无图像',
  'not-drawable-here': '此压缩格式服务器不作图，字节完好',
  failed: '打不开',
} as const;

interface Options {
  readonly now?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Studies by public id or by Study Instance UID, which several institutions may have. */
const studiesNamed = async ({ database }: Installation, name: string): Promise<readonly StudyReading[]> => {
  if (!isUuid(name)) return studiesByUid(database, name);
  const study = await studyByPublicId(database, name);
  return study ? [study] : [];
};

const proofLines = (kept: KeptProof, isSigned: boolean): string[] => {
  const proof = JSON.parse(kept.document) as StudyProof;
  return [
    `${proof.institution}\t${proof.study}\t${proof.studyUid}`,
    `  存储：${proof.storedFrom ?? '未载明'} 至 ${proof.storedUntil ?? '未载明'}，${proof.instances} 个对象、${proof.bytes} 字节`,
    `  核对：${civilTimeText(kept.provedAt)}，${proof.findings === 0 ? '全部完好并可打开' : `${proof.findings} 处有问题`}`,
    ...proof.series.map(
      (one) =>
        `  ${one.seriesUid}\t${one.whole}/${one.instances} 完好\t${STATES_ZH[one.opening]}${one.missing.map((uid) => `\t缺失 ${uid}`).join('')}${one.changed.map((uid) => `\t已改动 ${uid}`).join('')}`,
    ),
    `  摘要 SHA-256 ${kept.digest}，签名${isSigned ? '有效' : '无效'}`,
  ];
};

const proof = async (
  installation: Installation,
  name: string,
  { now, json }: Options,
  { out }: CommandContext,
): Promise<ExitCode> => {
  const signer = proofSigner(installation.configuration.checkpointKeyFile);
  const studies = await studiesNamed(installation, name);
  if (studies.length === 0) throw imagingFault('STUDY_UNKNOWN');
  let isSound = true;
  for (const study of studies) {
    if (now) await proveStudy({ ...installation, signer }, study);
    const kept = await latestProof(installation.database, study);
    if (!kept) {
      isSound = false;
      out(json ? JSON.stringify({ study: study.publicId, proof: null }) : `${study.publicId}\t尚未核对`);
      continue;
    }
    const isSigned = signer.isSigned(kept.document, kept.signature);
    const { findings } = JSON.parse(kept.document) as StudyProof;
    if (!isSigned || findings > 0) isSound = false;
    if (json) out(JSON.stringify({ ...kept, isSigned }));
    else for (const line of proofLines(kept, isSigned)) out(line);
  }
  return isSound ? EXIT.done : EXIT.findings;
};

const figures = async (
  installation: Installation,
  code: string,
  { json }: Options,
  { out }: CommandContext,
): Promise<ExitCode> => {
  const { registry } = await installation.snapshots.current();
  const institution = code as InstitutionCode;
  const key = registry.institutionKey(institution);
  if (key === undefined) throw imagingFault('IMAGING_INSTITUTION_UNKNOWN', { detail: code });
  const found = await imageFiguresOf(installation, institution, key);
  if (json) {
    out(JSON.stringify(found));
    return EXIT.done;
  }
  const { kept, proofs, months } = found;
  out(
    `${code}\t${civilTimeText(instant(Date.parse(found.at)))}\t${kept.studies} 项检查、${kept.instances} 个对象、${kept.bytes} 字节（远端 ${kept.farBytes}）`,
  );
  out(`证明：完好 ${proofs.sound}、有问题 ${proofs.withFindings}、待核对 ${proofs.waiting}`);
  out('月份\t检查\t存储字节\t接收字节\t本机构调阅\t外院调阅\t患者调阅');
  for (const { month, studies, storedBytes, receivedBytes, sentBytes } of months)
    out(
      [
        month,
        studies,
        storedBytes,
        receivedBytes,
        sentBytes.own,
        sentBytes.elsewhere,
        sentBytes.patient,
      ].join('\t'),
    );
  return EXIT.done;
};

/** Folds every closed series now, without waiting for its hot time. */
const fold = async (installation: Installation, { out, signal }: CommandContext): Promise<ExitCode> => {
  // A moment that stays: what cannot be folded waits from now on again, and is not looked at twice.
  const closedBefore = installation.clock();
  const told: Folding['kind'][] = [];
  for (let looked = 1; looked > 0 && !signal.aborted; ) {
    const outcomes = await foldColdSeries(installation, closedBefore);
    told.push(...outcomes.map(({ kind }) => kind));
    looked = outcomes.length;
  }
  const of = (wanted: Folding['kind']): number => told.filter((kind) => kind === wanted).length;
  out(`已折叠 ${of('folded')} 个序列；此后各实例仅列于清单对象`);
  if (of('refused') > 0)
    out(`未折叠 ${of('refused')} 个：清单对象缺失、损坏或不全，huren objects verify 逐一列出`);
  return of('refused') > 0 ? EXIT.findings : EXIT.done;
};

/** `huren images`: the proof of a study, and an institution's figures. */
export const imagesCommand: Command = {
  usage: USAGE,
  summaryZh: '影像保存：检查影像的存储证明，机构的存储量与流量，折叠已关闭的序列，满保存年限的影像经两人清退',
  summaryEn:
    'how images are kept: the proof of a study, storage and traffic of an institution, folding closed series, and retiring by two people what is past its retention',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { json: { type: 'boolean' }, now: { type: 'boolean' }, ...IMAGES_RETIRE_OPTIONS },
      USAGE,
      { min: 1, max: 4 },
    );
    const [verb, name, ...more] = positionals as [string, string?, ...string[]];
    return withInstallation(context, (installation) => {
      if (verb === 'retire') return runImagesRetire(installation, positionals.slice(1), values, context);
      if (more.length > 0) throw usage(more.join(' '));
      if (verb === 'fold' && name === undefined) return fold(installation, context);
      if (verb === 'proof' && name !== undefined) return proof(installation, name, values, context);
      if (verb === 'figures' && name !== undefined) return figures(installation, name, values, context);
      throw usage(verb);
    });
  },
};
