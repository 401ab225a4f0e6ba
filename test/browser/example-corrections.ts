import type { CorrectionFlows } from '../../src/apps/server/routes/corrections.ts';
import { defineFaults, raiser } from '../../src/kernel/fault.ts';
import { fail, ok } from '../../src/kernel/result.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { CorrectionAnswer } from '../../src/web/wire/correction.ts';

const raise = raiser(
  defineFaults({
    EXAMPLE_TICKET_UNKNOWN: { status: 404, zh: '没有这张纠错单。', en: 'No such ticket.' },
    EXAMPLE_WORDS_MISSING: { status: 422, zh: '选择“其他”时，请写明问题。', en: 'Say what is wrong.' },
  }),
);

/** In-memory tickets for tests of the server and the pages without a database. */
export const exampleCorrections = (): CorrectionFlows => {
  const tickets = new Map<string, CorrectionAnswer>();
  const photos = new Map<string, { readonly mediaType: string; readonly bytes: Uint8Array }>();
  const list = async () => ok({ corrections: [...tickets.values()], truncated: false });
  return {
    async submit(_actor, request) {
      if (request.kind === 'other' && request.text === '') return fail(raise('EXAMPLE_WORDS_MISSING'));
      const id = `01930000-0000-7000-a000-${String(tickets.size + 1).padStart(12, '0')}` as PublicId;
      const at = '2026-11-23T01:00:00Z';
      const ticket: CorrectionAnswer = {
        id,
        ticket: `JC20261123-${String(tickets.size + 1).padStart(10, '0')}`,
        report: request.report,
        reportNumber: 'R20261118001',
        title: '生化检验报告单',
        reportVersion: 1,
        ordinal: request.ordinal ?? null,
        institution: { code: 'CITY-1', nameZh: '示例市第一人民医院' },
        reportedBy: { institutionZh: '示例县人民医院', doctor: '1001' },
        kind: request.kind,
        text: request.text,
        hasPhoto: request.photo !== undefined,
        disputed: request.kind === 'wrong-person',
        state: 'submitted',
        submittedAt: at,
        history: [{ state: 'submitted', at }],
      };
      tickets.set(id, ticket);
      if (request.photo) photos.set(id, { mediaType: 'image/png', bytes: request.photo });
      return ok(ticket);
    },
    own: list,
    desk: list,
    async read(_actor, id) {
      const ticket = tickets.get(id);
      return ticket ? ok(ticket) : fail(raise('EXAMPLE_TICKET_UNKNOWN'));
    },
    async photo(_actor, id) {
      const photo = photos.get(id);
      return photo ? ok(photo) : fail(raise('EXAMPLE_TICKET_UNKNOWN'));
    },
  };
};
