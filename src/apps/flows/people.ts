import {
  findPersons,
  type PersonSummary as IndexedPerson,
  readPersonSummary,
} from '../../adapters/postgres/person-search.ts';
import { recordSystemAct } from '../../adapters/postgres/accounts.ts';
import { keepAudit } from '../../adapters/postgres/order-checks.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { PersonSearchAnswer, PersonSummary } from '../../web/wire/order-check-answer.ts';
import type { Actor, CheckFlows } from '../server/flows-port.ts';
import { lookupPersonByPublicId } from '../../adapters/postgres/person-lookup.ts';
import type { PersonSearchRequest } from '../../web/wire/order-check-request.ts';
import { mayOpenPerson, openCare } from './care.ts';
import { auditOf, type FlowDependencies, flowFault } from './dependencies.ts';

/** How identifiers are named to staff. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  'national-id': '身份证号',
  passport: '护照',
  'hk-macao-permit': '港澳居民来往内地通行证',
  'taiwan-permit': '台湾居民来往大陆通行证',
  'residence-permit-hmt': '港澳台居民居住证',
  'foreign-permanent-residence': '外国人永久居留身份证',
  'military-id': '军官证',
  'insurance-number': '医保个人编号',
  'health-card-index': '健康卡主索引',
  'medical-record': '病历号',
  other: '其他证件',
};

/** A person as a banner shows him. */
export const personAnswer = (person: IndexedPerson): PersonSummary => ({
  person: person.publicId,
  name: person.name,
  sex: person.sex,
  birthDate: person.birthDate,
  maskedIdentifiers: person.identifiers.map(({ type, masked }) => ({
    typeZh: TYPE_WORDS[type] ?? type,
    text: masked,
  })),
});

/**
 * Of several records that look the same to the searcher (same name, sex, birth date and national number) one is enough:
 * that of his own institution if there is one. Records that differ in any of these all stay.
 */
const withoutRepeats = (
  found: readonly IndexedPerson[],
  institution: string | null,
): readonly IndexedPerson[] => {
  const chosen = new Map<string, IndexedPerson>();
  for (const person of found) {
    const number = person.identifiers.find(({ type }) => type === 'national-id')?.masked;
    const key = number
      ? JSON.stringify([person.name, person.sex, person.birthDate, number, person.clusterSize])
      : person.publicId;
    const known = chosen.get(key);
    if (!known || (known.issuer !== institution && person.issuer === institution)) chosen.set(key, person);
  }
  return [...chosen.values()];
};

/** Why a search showed somebody: a number of the person was presented, or only a name was said. */
const SEARCH_BASES: Readonly<Record<PersonSearchRequest['by'], string>> = {
  'national-id': 'presented-number',
  'record-number': 'presented-number',
  name: 'name',
};

/** Finding a person before ordering. What was typed is never recorded; that somebody searched, and whom he was shown, is. */
export const peopleFlows = (dependencies: FlowDependencies): Pick<CheckFlows, 'searchPersons' | 'person'> => {
  const { database, keys, clock, newPublicId, snapshots } = dependencies;
  const institutionKeyOf = ({ institution }: Actor): string | null =>
    (institution && snapshots.held()?.registry.institutionKey(institution)) ?? null;
  return {
    async searchPersons(actor, request, origin) {
      const found = await findPersons(database, keys, {
        by: request.by,
        text: request.text,
        ...(request.birthDate === undefined ? {} : { birthDate: request.birthDate }),
      });
      const persons = withoutRepeats(found.persons, actor.institution);
      const at = clock();
      const institutionKey = institutionKeyOf(actor);
      await database.transaction(async (session) => {
        for (const { personId } of persons) {
          if (institutionKey !== null) await openCare(session, actor, personId, institutionKey, request, at);
          await keepAudit(
            session,
            personId,
            at,
            auditOf(dependencies, actor, origin, {
              institutionKey,
              action: 'person.search',
              resource: `person by ${request.by}`,
              basis: request.encounter === undefined ? SEARCH_BASES[request.by] : 'encounter',
              outcome: 'disclosed',
            }),
          );
        }
      });
      const act = { at, newId: newPublicId, by: actor.name, peer: origin.peer };
      await recordSystemAct(
        database,
        act,
        'person.search',
        `person by ${request.by}`,
        `found ${persons.length}`,
      );
      const answer: PersonSearchAnswer = { persons: persons.map(personAnswer), truncated: found.more };
      return ok(answer);
    },
    async person(actor, person, origin) {
      const [summary, found, ruling] = await Promise.all([
        readPersonSummary(database, keys, person),
        lookupPersonByPublicId(database, person),
        snapshots.current(),
      ]);
      const persons = found?.members.map(({ personId }) => personId) ?? [];
      const mayOpen = await mayOpenPerson(database, actor, 'person:read', persons, ruling, clock());
      if (!summary || !mayOpen) return fail(flowFault('PERSON_NOT_FOUND'));
      const audit = auditOf(dependencies, actor, origin, {
        institutionKey: institutionKeyOf(actor),
        action: 'person.read',
        resource: `person/${person}`,
        basis: 'assumed-by-policy',
        outcome: 'disclosed',
      });
      await keepAudit(database, summary.personId, clock(), audit);
      return ok(personAnswer(summary));
    },
  };
};
