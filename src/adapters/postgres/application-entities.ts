import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { InstitutionCode } from '../../organisation/index.ts';
import { type Session, statement } from './database.ts';

/** An application entity as its institution registered it. */
export interface ApplicationEntity {
  readonly institution: InstitutionCode;
  readonly aeTitle: string;
  /** `store`, `commit`, `find`, `retrieve`. */
  readonly services: readonly string[];
  /** Addresses and networks (CIDR) from which it calls. */
  readonly networks: readonly string[];
  /** SHA-256 of its certificate (DER), lower-case hex. */
  readonly certificateFingerprint: string | null;
  readonly listensAt: { readonly host: string; readonly port: number; readonly tls: boolean } | null;
  /** Character set of data sets that name none, e.g. `gb18030`. */
  readonly assumedCharset: string | null;
  /** Whether what it fetches says of the patient what the person index says now; absent: what is stored. */
  readonly correctsPatient?: boolean;
}

interface EntityRow {
  readonly code: string;
  readonly ae_title: string;
  readonly services: readonly string[];
  readonly networks: readonly string[];
  readonly certificate_fingerprint: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly tls: boolean;
  readonly assumed_charset: string | null;
  readonly corrects_patient: boolean;
}

const UPSERT = statement(
  'application-entities.upsert',
  `insert into application_entities (institution_id, ae_title, services, networks, certificate_fingerprint, host, port, tls,
     assumed_charset, corrects_patient, active)
   select i.institution_id, $2, $3, $4, $5, $6, $7, $8, $9, $10, true from institutions i where i.code = $1
   on conflict (institution_id, ae_title) do update set services = excluded.services, networks = excluded.networks,
     certificate_fingerprint = excluded.certificate_fingerprint, host = excluded.host, port = excluded.port,
     tls = excluded.tls, assumed_charset = excluded.assumed_charset,
     corrects_patient = excluded.corrects_patient, active = excluded.active
   returning ae_id`,
);
const ALL = statement(
  'application-entities.all',
  `select i.code, a.ae_title, a.services, a.networks, a.certificate_fingerprint, a.host, a.port, a.tls, a.assumed_charset,
     a.corrects_patient
   from application_entities a join institutions i using (institution_id) where a.active order by a.ae_id`,
);
const DEACTIVATE = statement(
  'application-entities.deactivate',
  `update application_entities a set active = false from institutions i
   where i.institution_id = a.institution_id and i.code = $1 and a.ae_title = $2 and a.active returning a.ae_id`,
);

/**
 * Registers an entity, or changes the one of the same title.
 *
 * @returns false when no published directory names the institution
 */
export const registerEntity = async (session: Session, entity: ApplicationEntity): Promise<boolean> => {
  const rows = await session.run(UPSERT, [
    entity.institution,
    entity.aeTitle,
    entity.services,
    entity.networks,
    entity.certificateFingerprint,
    entity.listensAt?.host ?? null,
    entity.listensAt?.port ?? null,
    entity.listensAt?.tls ?? false,
    entity.assumedCharset,
    entity.correctsPatient ?? false,
  ]);
  return rows.length > 0;
};

/** Shuts an entity out. @returns false when there was none */
export const removeEntity = async (
  session: Session,
  institution: InstitutionCode,
  aeTitle: string,
): Promise<boolean> => (await session.run(DEACTIVATE, [institution, aeTitle])).length > 0;

/** All that may call, in the order of their registration. */
export const registeredEntities = async (session: Session): Promise<readonly ApplicationEntity[]> =>
  (await session.run<EntityRow>(ALL)).map((row) => ({
    institution: row.code as InstitutionCode,
    aeTitle: row.ae_title,
    services: row.services,
    networks: row.networks,
    certificateFingerprint: row.certificate_fingerprint,
    listensAt:
      row.host === null || row.port === null ? null : { host: row.host, port: row.port, tls: row.tls },
    assumedCharset: row.assumed_charset,
    correctsPatient: row.corrects_patient,
  }));

/** Whether an address is one of these or lies in one of these networks. */
export const isFrom = (networks: readonly string[], address: string): boolean => {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', bits] = network.split('/');
    const family = isIPv4(base) ? 'ipv4' : isIPv6(base) ? 'ipv6' : undefined;
    if (!family) continue;
    if (bits === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(bits), family);
  }
  return isIPv4(address) ? list.check(address, 'ipv4') : isIPv6(address) && list.check(address, 'ipv6');
};
