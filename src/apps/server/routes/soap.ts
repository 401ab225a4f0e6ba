import { z } from 'zod';
import type { BodyCharset } from '../../../adapters/soap/body-text.ts';
import {
  documentAnswer,
  faultAnswer,
  readCall,
  readDocument,
  type SoapBody,
  type SoapCall,
  typedAnswer,
  writeAnswer,
  writeRefusal,
} from '../../../adapters/soap/envelope.ts';
import { writeWsdl } from '../../../adapters/soap/wsdl.ts';
import type { Fault } from '../../../kernel/fault.ts';
import {
  type Caller,
  type OperationAnswer,
  performOperation,
  type SoapDependencies,
} from '../../flows/soap/soap-operations.ts';
import type { Metrics } from '../metrics.ts';
import { toFault } from '../problem.ts';
import { type Answer, publicRoute, type Route, route } from '../route.ts';

const PATH = '/soap/order-check';

/** XML of a hundred items with every field and the string form's escaping on top stays below. */
const BODY_BYTES_MAX = 256 * 1024;

const CHECK_LIMIT_MS = 5_000;

const soapHeaders = z.object({ 'content-type': z.string(), soapaction: z.string().max(500).optional() });

const bytes = (status: number, body: SoapBody, failed?: Fault): Answer => ({
  kind: 'bytes',
  status,
  ...body,
  ...(failed ? { failed } : {}),
});

// SOAP 1.1 §6.2 wants 500 for a fault, and client stacks look for one there only.
const refused = (error: unknown, requestId: string, charset: BodyCharset): Answer => {
  const fault = toFault(error);
  return bytes(500, faultAnswer(fault, requestId, charset), fault);
};

const outcomeOf = ({ status }: OperationAnswer, metrics: Metrics): void => {
  if (status !== undefined) metrics.orderChecks.inc({ outcome: status });
};

/** The string form: whatever becomes of the document, its caller gets a document back. */
const exchange = async (
  dependencies: SoapDependencies & { readonly metrics: Metrics },
  caller: Caller,
  { document, charset }: Extract<SoapCall, { form: 'document' }>,
): Promise<Answer> => {
  let namespace: string | undefined;
  try {
    const call = readDocument(document);
    namespace = call.namespace;
    const answer = await performOperation(dependencies, caller, call);
    outcomeOf(answer, dependencies.metrics);
    const written = writeAnswer(call.operation, answer.content, namespace);
    return bytes(200, documentAnswer(written, charset), answer.failed);
  } catch (error) {
    const fault = toFault(error);
    const written = writeRefusal(fault, caller.origin.requestId, namespace);
    return bytes(200, documentAnswer(written, charset), fault);
  }
};

const answerCall = async (
  dependencies: SoapDependencies & { readonly metrics: Metrics },
  caller: Caller,
  call: SoapCall,
): Promise<Answer> => {
  if (call.form === 'document') return exchange(dependencies, caller, call);
  const answer = await performOperation(dependencies, caller, call);
  outcomeOf(answer, dependencies.metrics);
  return bytes(200, typedAnswer(writeAnswer(call.operation, answer.content), call.charset), answer.failed);
};

/** The SOAP 1.1 service for hospital systems without CDS Hooks: its description, and every operation at one address. */
export const soapRoutes = (
  dependencies: Omit<SoapDependencies, 'checkLimitMs'> & {
    readonly metrics: Metrics;
    /** Where callers reach us; absent: where this one did. Behind a proxy only this one knows of its TLS. */
    readonly publicUrl?: string;
  },
): Route[] => [
  publicRoute({
    operationId: 'soapDescription',
    method: 'GET',
    path: PATH,
    surface: 'plain',
    summary: { zh: 'SOAP 服务描述（WSDL 1.1）', en: 'The WSDL 1.1 description of the SOAP service' },
    limits: { bodyBytes: 1024, perMinute: 6_000 },
    input: {},
    answers: [{ status: 200, description: 'Done', mediaType: 'text/xml' }],
    handle: async ({ address }) => ({
      kind: 'text',
      status: 200,
      mediaType: 'text/xml; charset=UTF-8',
      text: writeWsdl(`${dependencies.publicUrl ?? address}${PATH}`),
    }),
  }),
  route({
    operationId: 'callSoap',
    method: 'POST',
    path: PATH,
    surface: 'soap',
    summary: {
      zh: 'SOAP 1.1：开单核查、医师应答、确认撤单，及字符串方式',
      en: 'SOAP 1.1: checks an order, takes the answer and the cancellation; also one string for another',
    },
    access: { kind: 'right', right: 'soap:call' },
    limits: { bodyBytes: BODY_BYTES_MAX, perMinute: 300_000 },
    input: { headers: soapHeaders },
    rawBody: { mediaTypes: ['text/xml', 'application/xml'], description: 'A SOAP 1.1 envelope' },
    refusal: (fault, requestId) => faultAnswer(fault, requestId),
    answers: [{ status: 200, description: 'Answered', mediaType: 'text/xml' }],
    handle: async ({ actor, headers, rawBody, origin }) => {
      let charset: BodyCharset = 'utf-8';
      try {
        const call = readCall(rawBody, { contentType: headers['content-type'], action: headers.soapaction });
        charset = call.charset;
        return await answerCall({ ...dependencies, checkLimitMs: CHECK_LIMIT_MS }, { actor, origin }, call);
      } catch (error) {
        return refused(error, origin.requestId, charset);
      }
    },
  }),
];
