import type { CorrectionFlows } from '../../src/apps/server/routes/corrections.ts';
import type { OwnCorrectionFlows } from '../../src/apps/server/routes/own-corrections.ts';
import { defineFaults, raiser } from '../../src/kernel/fault.ts';
import { fail, ok } from '../../src/kernel/result.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { CorrectionAnswer, CorrectionDesk, CorrectionRequest } from '../../src/web/wire/correction.ts';

const raise = raiser(
  defineFaults({
    EXAMPLE_TICKET_UNKNOWN: { status: 404, zh: '没有这张纠错单。', en: 'No such ticket.' },
    EXAMPLE_WORDS_MISSING: { status: 422, zh: '选择“其他”时，请写明问题。', en: 'Say what is wrong.' },
  }),
);

const NOW = '2026-11-23T01:00:00Z';

const ticketOf = (n: number, request: CorrectionRequest): CorrectionAnswer => ({
  id: `01930000-0000-7000-a000-${String(n).padStart(12, '0')}` as PublicId,
  ticket: `JC20261123-${String(n).padStart(10, '0')}`,
  report: request.report,
  reportNumber: 'R20261118001',
  title: '生化检验报告单',
  reportVersion: 1,
  currentVersion: 1,
  ordinal: request.ordinal ?? null,
  institution: { code: 'CITY-1', nameZh: '示例市第一人民医院' },
  reportedBy: { party: 'staff', institutionZh: '示例县人民医院', doctor: '1001', onBehalf: null },
  kind: request.kind,
  text: request.text,
  hasPhoto: request.photo !== undefined,
  disputed: request.kind === 'wrong-person',
  state: 'submitted',
  submittedAt: NOW,
  due: {
    what: 'accept',
    by: '2026-11-24T01:00:00Z',
    overdue: false,
    workingHours: 5,
    yearsWithoutHolidays: [],
  },
  offeredVersion: null,
  unseen: false,
  history: [
    {
      place: 1,
      step: 'submit',
      state: 'submitted',
      at: NOW,
      by: 'reporter',
      text: '',
      reason: null,
      remedy: null,
      reportVersion: 1,
    },
  ],
  steps: ['reply'],
});

/** In-memory tickets for tests of the server and the pages without a database. */
export const exampleCorrections = (): CorrectionFlows => {
  const tickets = new Map<string, CorrectionAnswer>();
  const photos = new Map<string, { readonly mediaType: string; readonly bytes: Uint8Array }>();
  const all = () => ({ corrections: [...tickets.values()], truncated: false });
  const read = async (id: PublicId) => {
    const ticket = tickets.get(id);
    return ticket ? ok(ticket) : fail(raise('EXAMPLE_TICKET_UNKNOWN'));
  };
  const photo = async (id: PublicId) => {
    const found = photos.get(id);
    return found ? ok(found) : fail(raise('EXAMPLE_TICKET_UNKNOWN'));
  };
  const keep = async (request: CorrectionRequest) => {
    if (request.kind === 'other' && request.text === '') return fail(raise('EXAMPLE_WORDS_MISSING'));
    const ticket = ticketOf(tickets.size + 1, request);
    tickets.set(ticket.id, ticket);
    if (request.photo) photos.set(ticket.id, { mediaType: 'image/png', bytes: request.photo });
    return ok(ticket);
  };
  const patients: OwnCorrectionFlows = {
    submit: (_actor, request) => keep(request),
    list: async () => ok(all()),
    read: (_actor, id) => read(id),
    photo: (_actor, id) => photo(id),
    step: (_actor, id) => read(id),
  };
  return {
    patients,
    submit: (_actor, request) => keep(request),
    submitOnBehalf: (_actor, { kind, text, photo: scan }) =>
      keep({ report: '01930000-0000-7000-b000-000000000001', kind, text, photo: scan, ordinal: undefined }),
    countNews: async () => 0,
    findOwnReport: async () => ok('01930000-0000-7000-b000-000000000001' as PublicId),
    issuers: async () => [{ code: 'CITY-1', nameZh: '示例市第一人民医院' }],
    own: async () => ok(all()),
    desk: async () =>
      ok({
        ...all(),
        at: NOW,
        holidayYears: [],
        counts: {
          open: tickets.size,
          overdue: 0,
          states: {
            submitted: tickets.size,
            accepted: 0,
            verifying: 0,
            corrected: 0,
            unfounded: 0,
            'followed-up': 0,
          } satisfies CorrectionDesk['counts']['states'],
        },
      }),
    read: (_actor, id) => read(id),
    photo: (_actor, id) => photo(id),
    async openCase(_actor, id) {
      const ticket = await read(id);
      if (!ticket.ok) return ticket;
      return ok({
        correction: ticket.value,
        decisions: [],
        decisionsTruncated: false,
        linkedRecords: [],
        unfoundedReasons: [],
        remedies: ['amended'],
      });
    },
    takeStep: (_actor, _party, id) => read(id),
    reviews: async () => ok({ reviews: [] }),
  };
};
