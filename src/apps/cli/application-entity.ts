import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isKnownCharset } from '../../adapters/dicom/charset.ts';
import { aeTitleProblem } from '../../adapters/dimse/ae-title.ts';
import { AE_SERVICES, type AeAddress, type AeService } from '../../adapters/dimse/ports.ts';
import { openAssociation } from '../../adapters/dimse/requestor.ts';
import { SOP_CLASS, TRANSFER_SYNTAX } from '../../adapters/dimse/syntaxes.ts';
import { recordSystemAct } from '../../adapters/postgres/accounts.ts';
import type { Session } from '../../adapters/postgres/database.ts';
import {
  type ApplicationEntity,
  registerEntity,
  registeredEntities,
  removeEntity,
} from '../../adapters/postgres/application-entities.ts';
import { raiser } from '../../kernel/fault.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { isNetwork } from '../configuration.ts';
import type { Installation } from '../installation.ts';
import { consoleAct } from './console-act.ts';
import {
  type Command,
  type CommandContext,
  EXIT,
  type ExitCode,
  parseArguments,
  withInstallation,
} from './command.ts';
import { CLI_FAULTS } from './faults.ts';
import { ownCertificateOf } from './own-certificate.ts';

const USAGE =
  'ae list | add TITLE --institution CODE (--from ADDRESS[/BITS]… | --certificate FILE|SHA256)… [--service store|commit|find|retrieve…] [--listens HOST:PORT [--tls]] [--charset C] [--corrects-patient] | remove TITLE --institution CODE | echo TITLE --institution CODE [--json]';

/** What a device does unless more is asked for: it sends, and asks whether what it sent is kept. */
const DEFAULT_SERVICES: readonly AeService[] = ['store', 'commit'];

const raise = raiser(CLI_FAULTS);
const usage = (detail: string) => raise('USAGE', { detail });

const servicesOf = (texts: readonly string[]): AeService[] =>
  texts.map((text) => {
    const service = AE_SERVICES.find((known) => known === text);
    if (!service) throw usage(`--service ${AE_SERVICES.join('|')}`);
    return service;
  });

const networksOf = (texts: readonly string[]): readonly string[] => {
  const wrong = texts.filter((text) => !isNetwork(text));
  if (wrong.length > 0)
    throw usage(`--from ${wrong.join(', ')}: an address or a network such as 10.1.2.0/24`);
  return texts;
};

const fingerprintOf = (text: string | undefined): string | null => {
  if (text === undefined) return null;
  const hex = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  try {
    return new X509Certificate(readFileSync(text)).fingerprint256.replaceAll(':', '').toLowerCase();
  } catch (cause) {
    throw raise('USAGE', { detail: '--certificate: a PEM file or 64 hexadecimal digits', cause });
  }
};

const listensOf = (text: string | undefined, tls: boolean): AeAddress | null => {
  if (text === undefined) return null;
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw usage('--listens HOST:PORT');
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port), tls };
};

const entityLine = (entity: ApplicationEntity): string =>
  [
    entity.aeTitle,
    entity.institution,
    entity.services.join(','),
    [...entity.networks, ...(entity.certificateFingerprint === null ? [] : ['证书'])].join(','),
    entity.listensAt
      ? `${entity.listensAt.host}:${entity.listensAt.port}${entity.listensAt.tls ? ' TLS' : ''}`
      : '',
  ].join('\t');

const list = async (
  { database }: Installation,
  json: boolean,
  context: CommandContext,
): Promise<ExitCode> => {
  const entities = await registeredEntities(database);
  if (json) context.out(JSON.stringify(entities));
  else for (const entity of entities) context.out(entityLine(entity));
  return EXIT.done;
};

/** Changes the registry and says so in the log of system acts, in one transaction. */
const change = (
  installation: Installation,
  action: 'register' | 'remove',
  { institution, aeTitle }: Pick<ApplicationEntity, 'institution' | 'aeTitle'>,
  work: (session: Session) => Promise<boolean>,
): Promise<void> =>
  installation.database.transaction(async (session) => {
    if (!(await work(session)))
      throw raise(action === 'register' ? 'INSTITUTION_UNKNOWN' : 'AE_UNKNOWN', {
        detail: `${institution} ${aeTitle}`,
      });
    const resource = `application-entity:${institution}:${aeTitle}`;
    await recordSystemAct(
      session,
      consoleAct(installation),
      `application-entity.${action}`,
      resource,
      'done',
    );
  });

/** Calls a registered entity as Huren and echoes. */
const echo = async (
  installation: Installation,
  { institution, aeTitle }: Pick<ApplicationEntity, 'institution' | 'aeTitle'>,
): Promise<number> => {
  const { database, configuration } = installation;
  const entity = (await registeredEntities(database)).find(
    (one) => one.institution === institution && one.aeTitle === aeTitle,
  );
  if (!entity?.listensAt) throw raise('AE_UNKNOWN', { detail: `${institution} ${aeTitle}` });
  const ownCertificate = entity.listensAt.tls ? ownCertificateOf(installation) : undefined;
  const association = await openAssociation({
    ...entity.listensAt,
    ...(ownCertificate ? { ownCertificate } : {}),
    calledAeTitle: aeTitle,
    callingAeTitle: configuration.dimse.aeTitle,
    certificateFingerprint: entity.certificateFingerprint,
    proposals: [
      { abstractSyntax: SOP_CLASS.verification, transferSyntaxes: [TRANSFER_SYNTAX.implicitLittleEndian] },
    ],
  });
  const status = await association.echo();
  await association.release();
  return status;
};

/** `huren ae`: the DICOM devices and workstations that may call, and what each may do. */
export const applicationEntityCommand: Command = {
  usage: USAGE,
  summaryZh: 'DICOM 设备与工作站（AE）：列出、登记（按地址或证书识别）、移除、C-ECHO 测试',
  summaryEn: 'DICOM application entities: list, register (known by address or certificate), remove, echo',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      {
        institution: { type: 'string' },
        from: { type: 'string', multiple: true },
        certificate: { type: 'string' },
        service: { type: 'string', multiple: true },
        listens: { type: 'string' },
        tls: { type: 'boolean' },
        charset: { type: 'string' },
        'corrects-patient': { type: 'boolean' },
        json: { type: 'boolean' },
      },
      USAGE,
      { min: 1, max: 2 },
    );
    const [verb, aeTitle] = positionals as [string, string?];
    const json = values.json ?? false;
    if (verb === 'list' && aeTitle === undefined)
      return withInstallation(context, (installation) => list(installation, json, context));
    if (
      aeTitle === undefined ||
      values.institution === undefined ||
      !['add', 'remove', 'echo'].includes(verb)
    )
      throw usage(`huren ${USAGE}`);
    const institution = values.institution as InstitutionCode;
    const tell = (zh: string): ExitCode => {
      context.out(json ? JSON.stringify({ institution, aeTitle }) : zh);
      return EXIT.done;
    };
    if (verb === 'remove')
      return withInstallation(context, async (installation) => {
        await change(installation, 'remove', { institution, aeTitle }, (session) =>
          removeEntity(session, institution, aeTitle),
        );
        return tell(`已移除：${aeTitle}`);
      });
    if (verb === 'echo')
      return withInstallation(context, async (installation) => {
        const status = await echo(installation, { institution, aeTitle });
        if (status === 0) return tell(`C-ECHO 成功：${aeTitle}`);
        context.note(`C-ECHO ${aeTitle}: ${status.toString(16).padStart(4, '0')}`);
        return EXIT.findings;
      });
    if (aeTitleProblem(aeTitle) !== undefined)
      throw usage(`${aeTitle}: an AE title has 1 to 16 characters, no backslash, no blank at its ends`);
    if (values.charset !== undefined && !isKnownCharset(values.charset))
      throw usage(`--charset ${values.charset}: a name such as gb18030, gbk or utf-8`);
    const entity: ApplicationEntity = {
      institution,
      aeTitle,
      services: values.service ? servicesOf(values.service) : DEFAULT_SERVICES,
      networks: networksOf(values.from ?? []),
      certificateFingerprint: fingerprintOf(values.certificate),
      listensAt: listensOf(values.listens, values.tls ?? false),
      assumedCharset: values.charset ?? null,
      correctsPatient: values['corrects-patient'] ?? false,
    };
    // A title is no secret: whoever knows it could send images as this device.
    if (entity.networks.length === 0 && entity.certificateFingerprint === null)
      throw usage('--from ADDRESS or --certificate FILE: a title alone proves nothing');
    return withInstallation(context, async (installation) => {
      await change(installation, 'register', entity, (session) => registerEntity(session, entity));
      return tell(`已登记：${entityLine(entity)}`);
    });
  },
};
