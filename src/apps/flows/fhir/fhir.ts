import { imagingStudyOf } from '../../../adapters/fhir/imaging-study.ts';
import {
  diagnosticReportOf,
  type FhirResource,
  observationId,
  observationOf,
  patientOf,
  readObservationId,
  searchBundle,
} from '../../../adapters/fhir/result-resources.ts';
import { findPersons } from '../../../adapters/postgres/person-search.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { raiser } from '../../../kernel/fault.ts';
import { fail, ok } from '../../../kernel/result.ts';
import { isUuid, type PublicId } from '../../../kernel/uuid.ts';
import type { FhirFlows, ResultSearch } from '../../server/routes/fhir-port.ts';
import { openCare } from '../care.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { FHIR_FAULTS } from './fhir-faults.ts';
import { fhirReader } from './fhir-reader.ts';
import { fhirReading, mayHave, nextOf, NOBODY, patientResource } from './fhir-reading.ts';
import { type PersonResults, readPersonResults } from './person-results.ts';
import { isWithinStart, opensImages, studyFlows } from './fhir-studies.ts';
import { readPersonStudies } from './person-studies.ts';
import type { ContentDependencies } from './study-contents.ts';
import { isCoded, isWanted, wantedFor } from './wanted-results.ts';

const raise = raiser(FHIR_FAULTS);

/** Systems of identifiers by which somebody is found: the citizen number (WS/T 364) and medical record numbers. */
const SEARCHED_BY: Readonly<Record<string, 'national-id' | 'record-number'>> = {
  'urn:oid:2.16.156.10011.1.3': 'national-id',
  'urn:huren:record': 'record-number',
};

/** What matches, and what each match brings along. */
interface Match {
  readonly resource: FhirResource;
  readonly results: readonly FhirResource[];
}

const matchesOf = (
  type: 'Observation' | 'DiagnosticReport',
  { reports }: PersonResults,
  patient: PublicId,
  search: ResultSearch,
): readonly Match[] => {
  const wanted = reports.filter((report) => isWanted(report, search));
  const isAsked = (id: string) => search.ids === null || search.ids.includes(id);
  if (type === 'Observation')
    return wanted.flatMap(({ lines }) =>
      lines
        .filter((line) => isCoded(line, search) && isAsked(observationId(line.report, line.ordinal)))
        .map((line) => ({ resource: observationOf(line, patient), results: [] })),
    );
  return wanted
    .filter(({ id, lines }) => isAsked(id) && lines.some((line) => isCoded(line, search)))
    .map((report) => ({
      resource: diagnosticReportOf(report, patient),
      results: report.lines.map((line) => observationOf(line, patient)),
    }));
};

/**
 * The FHIR R4 read interface. Nothing is written but the audit row, and nothing is answered before it is committed; so the
 * reads need no transaction of their own.
 */
export const fhirFlows = (dependencies: FlowDependencies & ContentDependencies): FhirFlows => {
  const { database, keys, snapshots, clock } = dependencies;
  const { alone, keep, openPerson, withPerson } = fhirReading(dependencies);

  return {
    ...studyFlows(dependencies),
    readPatient(actor, id, origin) {
      const reader = fhirReader(actor, 'Patient', 'read');
      return withPerson(reader, id, async (session, found, ruling) => {
        const resource = await patientResource(dependencies, session, found.publicId);
        if (!resource) return fail(raise('FHIR_UNKNOWN'));
        await keep(alone, reader, origin, ruling, found.personId, {
          action: 'person.read',
          resource: `person/${found.publicId}`,
          basis: 'assumed-by-policy',
        });
        return ok(resource);
      });
    },
    async searchPatients(actor, { system, code }, base, origin) {
      const reader = fhirReader(actor, 'Patient', 'search');
      const by = system === null ? undefined : SEARCHED_BY[system];
      if (by === undefined) return fail(raise('FHIR_IDENTIFIER_SYSTEM_UNKNOWN', { place: 'identifier' }));
      const ruling = await snapshots.current();
      const at = clock();
      const { persons } = await findPersons(database, keys, { by, text: code });
      const shown = persons.filter(({ publicId }) => reader.only === null || reader.only === publicId);
      const { institution } = reader;
      const institutionKey = institution === null ? undefined : ruling.registry.institutionKey(institution);
      await database.transaction(async (session) => {
        for (const { personId } of shown) {
          if (institutionKey !== undefined)
            await openCare(session, actor, personId, institutionKey, { by }, at);
          await keep(session, reader, origin, ruling, personId, {
            action: 'person.search',
            resource: `person by ${by}`,
            basis: 'presented-number',
          });
        }
      });
      const matches = shown.map((person) => patientOf({ ...person, id: person.publicId }));
      const self = `${base}/Patient/_search`;
      return ok(searchBundle({ matches, included: [], total: matches.length, self, next: null, base }));
    },
    async read(actor, type, id, origin) {
      const reader = fhirReader(actor, type, 'read');
      const asked = type === 'Observation' ? readObservationId(id) : { report: id, ordinal: null };
      const report = asked !== null && isUuid(asked.report) ? (asked.report as PublicId) : NOBODY;
      const ruling = await snapshots.current();
      const at = clock();
      const reading = await readReportByPublicId(database, report);
      // An app of one person finds a report of any of that person's records, like in a search, and of nobody else's.
      const whose = reader.only ?? reading?.personPublicId ?? NOBODY;
      const { found, mayRead } = await openPerson(reader, whose, ruling);
      // An id that leads to something hidden takes the same reads as one that leads nowhere.
      const { reports, basis } = await readPersonResults(
        database,
        reader,
        found && mayRead ? found.members : [],
        ruling,
        at,
        {
          items: null,
          from: null,
          before: null,
          report,
          wholeReports: true,
          asReports: type === 'DiagnosticReport',
        },
      );
      const shown = reports.find((each) => each.id === report);
      const line = shown?.lines.find(({ ordinal }) => ordinal === asked?.ordinal);
      if (!found || !shown || (type === 'Observation' && !line)) return fail(raise('FHIR_UNKNOWN'));
      await keep(alone, reader, origin, ruling, found.personId, {
        action: 'report.read',
        resource: `report/${report}`,
        basis,
      });
      return ok(line ? observationOf(line, found.publicId) : diagnosticReportOf(shown, found.publicId));
    },
    search(actor, type, search, origin) {
      const reader = fhirReader(actor, type, 'search');
      return withPerson(reader, search.patient, async (session, found, ruling) => {
        const at = clock();
        const wanted = wantedFor(type, search, ruling, at);
        const results = await readPersonResults(session, reader, found.members, ruling, at, wanted);
        const all = matchesOf(type, results, found.publicId, search);
        const page = all.slice(search.offset, search.offset + search.count);
        const bringsPatient = search.includes.some(
          (each) => each === `${type}:subject` || each === `${type}:patient`,
        );
        const bringsResults =
          search.includes.includes('DiagnosticReport:result') &&
          mayHave(actor, 'Observation', found.publicId);
        // An app is brought along only what it could have asked for itself.
        const patient =
          bringsPatient && mayHave(actor, 'Patient', found.publicId)
            ? await patientResource(dependencies, session, found.publicId)
            : null;
        const after = search.offset + page.length;
        await keep(alone, reader, origin, ruling, found.personId, {
          action: 'results.read',
          resource: `person/${found.publicId}/results`,
          basis: results.basis,
        });
        return ok(
          searchBundle({
            matches: page.map(({ resource }) => resource),
            included: [
              ...(bringsResults ? page.flatMap(({ results: included }) => included) : []),
              ...(patient && page.length > 0 ? [patient] : []),
            ],
            total: all.length,
            self: search.address,
            next: nextOf(search.address, after, all.length),
            base: search.base,
          }),
        );
      });
    },
    everything(actor, id, search, origin) {
      const reader = fhirReader(actor, 'Patient', 'read');
      return withPerson(reader, id, async (session, found, ruling) => {
        const at = clock();
        const types = search.types.filter((type) => mayHave(actor, type, found.publicId));
        const wanted = { ...wantedFor('DiagnosticReport', { codes: [], spans: search.spans }, ruling, at) };
        const patient = await patientResource(dependencies, session, found.publicId);
        const [{ reports, basis }, { studies }] = await Promise.all([
          readPersonResults(session, reader, found.members, ruling, at, wanted),
          readPersonStudies(session, reader, found.members, ruling, at),
        ]);
        const all = [
          ...(patient && types.includes('Patient') ? [patient] : []),
          ...reports.flatMap((report) => [
            ...(types.includes('DiagnosticReport') ? [diagnosticReportOf(report, found.publicId)] : []),
            ...(types.includes('Observation')
              ? report.lines.map((line) => observationOf(line, found.publicId))
              : []),
          ]),
          ...(types.includes('ImagingStudy')
            ? studies
                .filter((study) => isWithinStart(study, search.spans))
                .map((study) => imagingStudyOf(study, found.publicId, opensImages(actor)))
            : []),
        ];
        const matches = all.slice(search.offset, search.offset + search.count);
        await keep(alone, reader, origin, ruling, found.personId, {
          action: 'results.read',
          resource: `person/${found.publicId}/everything`,
          basis,
        });
        return ok(
          searchBundle({
            matches,
            included: [],
            total: all.length,
            self: search.address,
            next: nextOf(search.address, search.offset + matches.length, all.length),
            base: search.base,
          }),
        );
      });
    },
  };
};
