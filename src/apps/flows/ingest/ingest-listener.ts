import { acknowledge } from '../../../adapters/hl7v2/acknowledge.ts';
import { HL7_FAULTS } from '../../../adapters/hl7v2/faults.ts';
import { peekHeader } from '../../../adapters/hl7v2/header.ts';
import type {
  LargeMllpHandler,
  MllpHandler,
  MllpPeer,
  MllpRejectionHandler,
} from '../../../adapters/hl7v2/mllp-server.ts';
import { refusal } from '../../../adapters/hl7v2/refusal.ts';
import { quarantine } from '../../../adapters/postgres/quarantine.ts';
import { joined, sha256InTurns } from '../../../adapters/keys/large-content.ts';
import { type OrderAnswers, orderAnswers } from './answer-orders.ts';
import { acknowledgementId, ingestMessage } from './ingest.ts';
import { keepBody, quarantineSeal } from './ingest-body.ts';
import type { IngestOutcome } from './ingest-outcome.ts';
import type { IngestDependencies } from './ingest-work.ts';

/** What a listener calls: `startMllpServer({ …, ...mllpIngest(dependencies) })`. */
export interface MllpIngest {
  readonly handle: MllpHandler;
  readonly handleLarge: LargeMllpHandler;
  readonly onReject: MllpRejectionHandler;
}

const peerText = ({ address, port, secure, certificateName }: MllpPeer): string =>
  `${secure ? 'mllps' : 'mllp'}://${address}:${port}${certificateName === null ? '' : ` ${certificateName}`}`;

/** What is shown of a rejection's reason to its sender, if anything can be. */
const REPORTED_TO_SENDER: ReadonlySet<string> = new Set([
  'MLLP_NO_START_BLOCK',
  'MLLP_FRAME_TOO_LARGE',
  'MLLP_MEMORY_FULL',
]);

/** Orders are answered out of the bytes they came in. */
const ORDER_TYPES: ReadonlySet<string> = new Set(['ORM', 'OML', 'OMG']);

/** Takes messages, and answers at once, or, where an order is to be checked first, later. */
const handlers = (
  dependencies: IngestDependencies,
  onOutcome: (outcome: IngestOutcome) => void,
  answerOrders: OrderAnswers,
): Pick<MllpIngest, 'handle' | 'handleLarge'> => {
  const handle: MllpHandler = async (bytes, peer) => {
    const outcome = await ingestMessage(dependencies, { bytes, peer: peerText(peer) });
    onOutcome(outcome);
    const { orders, acknowledgement } = outcome;
    if (orders === null) return acknowledgement;
    const controlId = acknowledgementId(dependencies.newPublicId());
    const later = answerOrders({ orders, bytes, peer: peerText(peer), controlId });
    return {
      later: later.then(
        (answer) => answer ?? acknowledgement,
        () => acknowledgement,
      ),
    };
  };
  return {
    handle,
    async handleLarge(pieces, peer) {
      const [first = new Uint8Array()] = pieces;
      if (ORDER_TYPES.has(peekHeader(first)?.type ?? '')) return handle(joined(pieces), peer);
      const outcome = await ingestMessage(dependencies, { bytes: pieces, peer: peerText(peer) });
      onOutcome(outcome);
      return outcome.acknowledgement;
    },
  };
};

/**
 * Connects an MLLP listener with the flows: every message is acknowledged with what `ingestMessage` decided, and what
 * never became a message (no start block, a frame that was not ended or is too large, a message whose handling failed)
 * is a visible record in quarantine.
 *
 * @param onOutcome told of every message, for counting
 * @param answerOrders answers the orders of senders that want more than an acknowledgement
 */
export const mllpIngest = (
  dependencies: IngestDependencies,
  onOutcome: (outcome: IngestOutcome) => void = () => undefined,
  answerOrders: OrderAnswers = orderAnswers(dependencies),
): MllpIngest => ({
  ...handlers(dependencies, onOutcome, answerOrders),
  async onReject({ code, sizeBytes, bytes, cause }, peer) {
    if (cause !== undefined) dependencies.onError?.(cause);
    const { database, keys, clock, newPublicId } = dependencies;
    const header = peekHeader(bytes);
    const receivedAt = clock();
    // The reason is part of what makes two rejections the same: most of them have no bytes at all.
    const bodyHash = keys.hash('rejection', `${code} ${await sha256InTurns(bytes)}`);
    await quarantine(database, {
      publicId: newPublicId(),
      senderKey: null,
      senderAddress: header ? `${header.application}|${header.facility}` : '',
      peer: peerText(peer),
      controlId: header?.controlId ?? null,
      messageType: header ? `${header.type}^${header.event}` : null,
      receivedAt,
      reasonCode: code,
      place: '',
      detail: `${sizeBytes} bytes`,
      body: await keepBody(dependencies, bytes, quarantineSeal(bodyHash)),
      bodyHash,
    });
    if (!REPORTED_TO_SENDER.has(code)) return null;
    const { class: refusalClass } = refusal(code);
    return acknowledge(
      header,
      { code, class: refusalClass, place: '', zh: HL7_FAULTS[code].zh, en: HL7_FAULTS[code].en },
      { at: receivedAt, controlId: newPublicId().replaceAll('-', '').slice(0, 20) },
    );
  },
});
