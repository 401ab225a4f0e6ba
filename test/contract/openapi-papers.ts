/** What the operations of notices and tickets are driven with, and the examples of the other operations in form. */
export type Json = Record<string, unknown>;

/** One thing to send to an operation, in words of its document: path parameters and body. */
export interface Example {
  readonly as:
    | 'hooks'
    | 'client'
    | 'operations'
    | 'doctor'
    | 'technician'
    | 'office'
    | 'operator'
    | 'patient'
    | 'regulator'
    | 'sourceDesk'
    | 'registrar'
    | 'officer'
    | 'nobody';
  readonly id?: string;
  readonly query?: string;
  /** The whole address where it has more in it than an id. */
  readonly address?: string;
  readonly body?: Json;
  /** Sent as a browser app sends it. */
  readonly json?: Json;
  readonly xml?: string;
  /** Sent as a form by a system with its key. */
  readonly form?: string;
  /** Sent as FHIR. */
  readonly fhir?: Json;
  /** Sent as `multipart/form-data`. */
  readonly upload?: Record<string, string | Blob>;
  /** The same, by a system with its key. */
  readonly multipart?: Record<string, string | Blob>;
  /** Sent as it is. */
  readonly raw?: { readonly mediaType: string; readonly bytes: Uint8Array };
  readonly status: number;
}

/** The smallest picture there is. */
export const PIXEL = new Blob(
  [
    Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
  ],
  { type: 'image/png' },
);
/** Idempotency key of a form. */
export const FORM_KEY = '3f2b0f5e-3d3b-4b0e-9a52-6d7f5f6f7a11';
const CORRECTION = { kind: 'quality', text: '影像模糊', photo: PIXEL };

/** What there is to ask about. */
export interface Papers {
  readonly report: string;
  /** A line to be examined again, of which check, and the card token of that. */
  readonly line: number;
  readonly check: string;
  readonly token: string;
  readonly notice: { readonly id: string; readonly token: string };
  readonly ticket: string;
  /** One that the doctor sent himself. */
  readonly doctorTicket: string;
  readonly person: string;
  /** Paper that this person brought. */
  readonly supplied: string;
}

/** How the operations of notices and tickets are driven. */
export const paperExamples = ({
  report,
  line,
  check,
  token,
  notice,
  ticket,
  doctorTicket,
  person,
  supplied,
}: Papers): Record<string, Example> => ({
  recordPatientSupplied: {
    as: 'client',
    id: person,
    multipart: { institution: '外省某医院', item: '胸部CT', photo: PIXEL },
    status: 200,
  },
  listPatientSupplied: { as: 'client', id: person, status: 200 },
  readPatientSuppliedPhoto: { as: 'client', id: supplied, status: 200 },
  patientSuppliedPage: { as: 'doctor', id: person, status: 200 },
  recordPatientSuppliedPage: {
    as: 'doctor',
    id: person,
    upload: {
      institution: '外省某医院',
      item: '胸部CT',
      examinedOn: '',
      photo: PIXEL,
      idempotencyKey: FORM_KEY,
    },
    status: 303,
  },
  draftNotice: { as: 'client', id: check, query: `?line=${line}`, status: 200 },
  makeNotice: {
    as: 'client',
    id: check,
    body: { line: line, informed: { relation: 'guardian', name: '示例监护人' } },
    status: 200,
  },
  listNotices: { as: 'client', id: check, status: 200 },
  readNotice: { as: 'client', id: notice.id, status: 200 },
  printNoticePdf: { as: 'client', id: notice.id, status: 200 },
  noticeFormPage: {
    as: 'doctor',
    id: check,
    query: `?line=${line}`,
    status: 200,
  },
  makeNoticePage: {
    as: 'doctor',
    id: check,
    body: { line: String(line), relation: 'self' },
    status: 303,
  },
  noticePaperPage: { as: 'doctor', id: notice.id, status: 200 },
  printNoticePage: { as: 'doctor', id: notice.id, body: {}, status: 200 },
  cardNoticeForm: {
    as: 'nobody',
    address: `/card/${token}/notices?line=${line}`,
    status: 200,
  },
  makeCardNotice: {
    as: 'nobody',
    address: `/card/${token}/notices`,
    body: { line: String(line), relation: 'self' },
    status: 303,
  },
  cardNoticePaper: {
    as: 'nobody',
    address: `/card/${token}/notices/${notice.id}`,
    status: 200,
  },
  printCardNotice: {
    as: 'nobody',
    address: `/card/${token}/notices/${notice.id}/print`,
    body: {},
    status: 200,
  },
  cardNoticePdf: {
    as: 'nobody',
    address: `/card/${token}/notices/${notice.id}.pdf`,
    status: 200,
  },
  verifyNotice: { as: 'nobody', id: notice.token, status: 200 },
  readNoticeByToken: { as: 'nobody', id: notice.token, status: 200 },
  submitCorrection: {
    as: 'client',
    body: { report: report, kind: 'wrong-unit', text: '单位应为 mmol/L' },
    status: 200,
  },
  listOwnCorrections: { as: 'client', status: 200 },
  readCorrection: { as: 'client', id: ticket, status: 200 },
  readCorrectionPhoto: { as: 'client', id: ticket, status: 200 },
  listDeskCorrections: { as: 'technician', status: 200 },
  correctionFormPage: { as: 'doctor', id: report, status: 200 },
  submitCorrectionPage: {
    as: 'doctor',
    id: report,
    upload: { kind: 'quality', ordinal: '', text: '', photo: PIXEL, idempotencyKey: FORM_KEY },
    status: 303,
  },
  correctionPage: { as: 'doctor', id: doctorTicket, status: 200 },
  takeCorrectionStep: {
    as: 'client',
    id: ticket,
    body: { step: 'reply', seen: 1, text: '原始片在本院' },
    status: 200,
  },
  takeCorrectionStepPage: {
    as: 'doctor',
    id: doctorTicket,
    body: { step: 'reply', seen: '2', text: '片号可提供', idempotencyKey: FORM_KEY },
    status: 303,
  },
  readDecisionReviews: { as: 'client', id: check, status: 200 },
  decisionReviewsPage: { as: 'doctor', id: check, status: 200 },
  correctionsPage: { as: 'doctor', status: 200 },
});

/** Fields as a form body. */
export const formOf = (fields: Record<string, string | Blob>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};

/** Has a line examined again with a notice about it, a ticket with a photo about a report, and paper recorded. */
export const prepareNoticeAndTicket = async (
  url: string,
  key: string,
  check: string,
  line: number,
  { report, person }: Pick<Papers, 'report' | 'person'>,
): Promise<Pick<Papers, 'notice' | 'ticket' | 'supplied'>> => {
  const authorization = `Bearer ${key}`;
  const post = async (path: string, body: Json): Promise<Json> => {
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await answer.json()) as Json;
  };
  await post(`/api/order-checks/${check}/responses`, { line, kind: 're-examine', reason: 'N1' });
  const made = await post(`/api/order-checks/${check}/notices`, { line, informed: { relation: 'self' } });
  const upload = async (path: string, fields: Record<string, string | Blob>): Promise<string> => {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { authorization },
      body: formOf(fields),
    });
    return ((await answer.json()) as { readonly id: string }).id;
  };
  return {
    notice: { id: String(made['id']), token: String(made['verifyUrl']).split('/').at(-1) as string },
    ticket: await upload('/api/corrections', { ...CORRECTION, report }),
    supplied: await upload(`/api/persons/${person}/patient-supplied`, {
      institution: '外省某医院',
      item: '胸部CT',
      photo: PIXEL,
    }),
  };
};
