import type { PatientSuppliedFlows } from '../../src/apps/server/routes/patient-supplied.ts';
import { defineFaults, raiser } from '../../src/kernel/fault.ts';
import { fail, ok } from '../../src/kernel/result.ts';
import type { PatientSuppliedAnswer } from '../../src/web/wire/patient-supplied.ts';

const raise = raiser(
  defineFaults({ EXAMPLE_PAPER_UNKNOWN: { status: 404, zh: '没有这份资料。', en: 'No such paper.' } }),
);

/** Paper and film in memory, for tests of the server and the pages without a database. */
export const examplePatientSupplied = (): PatientSuppliedFlows => {
  const papers = new Map<string, PatientSuppliedAnswer>();
  const photos = new Map<string, Uint8Array>();
  return {
    async record(_actor, person, request) {
      const id = `01930000-0000-7000-c000-${String(papers.size + 1).padStart(12, '0')}`;
      const paper: PatientSuppliedAnswer = {
        id,
        person,
        labelZh: '患者自带、未核验',
        institution: request.institution,
        item: request.item,
        itemCode: request.itemCode ?? null,
        examinedOn: request.examinedOn ?? null,
        value: request.value ?? null,
        note: request.note ?? null,
        recordedBy: { institutionZh: '示例县人民医院', doctor: '1001' },
        recordedAt: '2026-11-23T01:00:00Z',
        photo: {
          mediaType: 'image/png',
          size: request.photo.length,
          path: `/api/patient-supplied/${id}/photo`,
        },
      };
      papers.set(id, paper);
      photos.set(id, request.photo);
      return ok(paper);
    },
    list: async () => ok({ supplied: [...papers.values()] }),
    async photo(_actor, id) {
      const bytes = photos.get(id);
      return bytes ? ok({ mediaType: 'image/png', bytes }) : fail(raise('EXAMPLE_PAPER_UNKNOWN'));
    },
  };
};
