import type { ObjectKey } from '../../../adapters/objects/file-objects.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import {
  keepSupplied,
  readSupplied,
  readSuppliedOf,
  type SuppliedRow,
} from '../../../adapters/postgres/patient-supplied.ts';
import { clusterOf, lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import type { ConsentState } from '../../../consent/index.ts';
import { civilDateText } from '../../../kernel/civil-day.ts';
import { raiser } from '../../../kernel/fault.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { Rules } from '../../../recognition/index.ts';
import { disclosureOf } from '../../../recognition/index.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { ItemCode } from '../../../catalogue/index.ts';
import type { PatientSuppliedAnswer } from '../../../web/wire/patient-supplied.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { PatientSuppliedFlows } from '../../server/routes/patient-supplied.ts';
import { consentOfPerson, consentOfRecords } from '../consent/consent-state.ts';
import { mayOpenPerson } from '../care.ts';
import {
  auditOf,
  emergencyDoctor,
  type FlowDependencies,
  flowFault,
  orderingInstitution,
} from '../dependencies.ts';
import { PATIENT_SUPPLIED_FAULTS } from './patient-supplied-faults.ts';
import { storePhoto } from './photo.ts';
import { institutionAnswer, momentAnswer } from '../present.ts';

const raise = raiser(PATIENT_SUPPLIED_FAULTS);

/** How everything that a patient brought is labelled, everywhere. */
const LABEL = '患者自带、未核验';

const answerOf = (row: SuppliedRow, { registry }: RulingSnapshot, rules: Rules): PatientSuppliedAnswer => {
  const recorder = registry.institutionCode(row.institution_id);
  return {
    id: row.public_id,
    person: row.person_public_id,
    labelZh: LABEL,
    institution: row.institution_text,
    item: row.item_text,
    itemCode: row.item_code,
    examinedOn: row.examined_on,
    value: row.value_text,
    note: row.note,
    recordedBy: {
      institutionZh: recorder === undefined ? '未知机构' : institutionAnswer(rules, recorder).nameZh,
      doctor: row.doctor,
    },
    recordedAt: momentAnswer(row.recorded_at) as string,
    photo: {
      mediaType: row.photo_media_type,
      size: row.photo_size,
      path: `/api/patient-supplied/${row.public_id}/photo`,
    },
  };
};

/**
 * What the patient refuses, or has yet to agree to, stays hidden from other institutions on paper as well; a restricted
 * class as far as the paper's item and words tell.
 */
const isVisible = (
  row: SuppliedRow,
  institution: InstitutionCode,
  { registry }: RulingSnapshot,
  consent: ConsentState,
  rules: Rules,
): boolean => {
  const recorder = registry.institutionCode(row.institution_id) ?? ('UNKNOWN' as InstitutionCode);
  const names = [row.item_text, row.value_text ?? '', row.note ?? ''];
  const subject = {
    item: row.item_code as ItemCode | null,
    names,
    performer: recorder,
    reporter: recorder,
  };
  return disclosureOf(subject, null, { institution }, consent, rules).level === 'content';
};

const audit = (
  dependencies: FlowDependencies,
  actor: Actor,
  origin: CallOrigin,
  act: { readonly action: string; readonly resource: string; readonly outcome: string },
  institutionKey: string | null,
) =>
  auditOf(dependencies, actor, origin, {
    ...act,
    institutionKey,
    basis: 'assumed-by-policy',
  });

/**
 * Paper and film that patients bring: kept as written, with a photo, labelled, and never read by an order check, because
 * nobody has verified whose it is or who made it.
 */
export const patientSuppliedFlows = (dependencies: FlowDependencies): PatientSuppliedFlows => {
  const { database, snapshots, clock, objects, newPublicId } = dependencies;
  return {
    async record(actor, person, request, idempotencyKey, origin) {
      const institution = orderingInstitution(actor);
      const [found, ruling] = await Promise.all([
        lookupPersonByPublicId(database, person),
        snapshots.current(),
      ]);
      const at = clock();
      const cluster = found?.members.map(({ personId }) => personId) ?? [];
      const mayOpen = await mayOpenPerson(database, actor, 'patient-supplied:record', cluster, ruling, at);
      if (!found || !mayOpen) return fail(flowFault('PERSON_NOT_FOUND'));
      const rules = ruling.snapshot.rulesAt(at);
      if (request.itemCode !== undefined && !rules.itemOf(request.itemCode))
        return fail(raise('PATIENT_SUPPLIED_ITEM_UNKNOWN', { place: 'itemCode' }));
      if (request.examinedOn !== undefined && request.examinedOn > civilDateText(at))
        return fail(raise('PATIENT_SUPPLIED_IN_FUTURE', { place: 'examinedOn' }));
      const photo = await storePhoto(objects, request.photo);
      if (!photo.ok) return photo;
      const id = newPublicId();
      const institutionKey = ruling.registry.institutionKey(institution) ?? '0';
      const kept = await database.transaction(async (session) => {
        const result = await keepSupplied(
          session,
          {
            personId: found.personId,
            publicId: id,
            requestKey: idempotencyKey === null ? id : `${actor.name} ${idempotencyKey}`,
            institutionKey,
            actor: actor.name,
            doctor: actor.kind === 'client' ? null : actor.staffNumber,
            institutionText: request.institution,
            itemText: request.item,
            itemCode: request.itemCode ?? null,
            examinedOn: request.examinedOn ?? null,
            valueText: request.value === undefined || request.value === '' ? null : request.value,
            note: request.note === undefined || request.note === '' ? null : request.note,
            photo: photo.value,
          },
          at,
        );
        const act = {
          action: 'patient-supplied.record',
          resource: `patient-supplied/${result.id}`,
          outcome: 'recorded',
        };
        await keepAudit(session, found.personId, at, audit(dependencies, actor, origin, act, institutionKey));
        return result;
      });
      const row = await readSupplied(database, kept.id);
      if (!row) return fail(raise('PATIENT_SUPPLIED_UNKNOWN'));
      return ok(answerOf(row, ruling, rules));
    },
    async list(actor, person, origin) {
      const institution = orderingInstitution(actor);
      const [found, ruling] = await Promise.all([
        lookupPersonByPublicId(database, person),
        snapshots.current(),
      ]);
      const at = clock();
      const cluster = found?.members.map(({ personId }) => personId) ?? [];
      const mayOpen = await mayOpenPerson(database, actor, 'patient-supplied:read', cluster, ruling, at);
      if (!found || !mayOpen) return fail(flowFault('PERSON_NOT_FOUND'));
      const rules = ruling.snapshot.rulesAt(at);
      return database.transaction(async (session) => {
        const persons = found.members.map(({ personId }) => personId);
        const [rows, consent] = await Promise.all([
          readSuppliedOf(session, persons),
          consentOfRecords(session, persons, ruling.registry, at, emergencyDoctor(actor)),
        ]);
        const visible = rows.filter((row) => isVisible(row, institution, ruling, consent, rules));
        const act = {
          action: 'patient-supplied.list',
          resource: `person/${person}`,
          outcome: 'disclosed',
        };
        const institutionKey = ruling.registry.institutionKey(institution) ?? null;
        await keepAudit(session, found.personId, at, audit(dependencies, actor, origin, act, institutionKey));
        return ok({ supplied: visible.map((row) => answerOf(row, ruling, rules)) });
      });
    },
    async photo(actor, id, origin) {
      const institution = orderingInstitution(actor);
      const [row, ruling] = await Promise.all([readSupplied(database, id), snapshots.current()]);
      const at = clock();
      const consent = await consentOfPerson(
        database,
        row?.person_id,
        ruling.registry,
        at,
        emergencyDoctor(actor),
      );
      const { members } = await clusterOf(database, row?.person_id ?? '0');
      const cluster = members.map(({ personId }) => personId);
      const mayOpen = await mayOpenPerson(database, actor, 'patient-supplied:read', cluster, ruling, at);
      if (!row || !mayOpen || !isVisible(row, institution, ruling, consent, ruling.snapshot.rulesAt(at)))
        return fail(raise('PATIENT_SUPPLIED_UNKNOWN'));
      const bytes = await objects.get(row.photo_object as ObjectKey);
      const act = {
        action: 'patient-supplied.photo',
        resource: `patient-supplied/${id}`,
        outcome: 'disclosed',
      };
      const institutionKey = ruling.registry.institutionKey(institution) ?? null;
      await keepAudit(
        database,
        row.person_id,
        clock(),
        audit(dependencies, actor, origin, act, institutionKey),
      );
      return ok({ mediaType: row.photo_media_type, bytes });
    },
  };
};
