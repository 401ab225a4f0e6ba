// A hospital's system that speaks CDS Hooks 2.0, whole:
//   node cds-hooks-client.mjs BASE ISSUER KEY.pem ORDERS.json
// ORDERS.json: {"patient": a FHIR Patient, "drafts": [FHIR ServiceRequests]}
import { randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [base, issuer, keyFile, ordersFile] = process.argv.slice(2);
const key = readFileSync(keyFile, 'utf8');
const { patient, drafts } = JSON.parse(readFileSync(ordersFile, 'utf8'));

// A token is good for one call of one address, for a minute.
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenFor = (address) => {
  const now = Math.floor(Date.now() / 1000);
  const text = `${encoded({ alg: 'ES384', typ: 'JWT', kid: 'his-1' })}.${encoded({
    iss: issuer,
    aud: address,
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
  })}`;
  const signature = sign('sha384', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
};
const post = async (path, body) => {
  const address = base + path;
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenFor(address)}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

// Before the doctor signs: ask, and show what comes back. Whatever goes wrong here, ordering goes on.
const { cards } = await post('/cds-services/order-sign', {
  hook: 'order-sign',
  hookInstance: randomUUID(),
  context: {
    userId: 'Practitioner/100118',
    patientId: patient.id,
    encounterId: 'visit-1',
    draftOrders: { resourceType: 'Bundle', type: 'collection', entry: drafts.map((resource) => ({ resource })) },
  },
  prefetch: { patient },
});
for (const { indicator, summary, detail } of cards) console.log(`[${indicator}] ${summary}\n${detail}\n`);

// The doctor accepts the first suggestion and signs the rest; every other card is examined again for reason N1.
const recognised = cards.find(({ suggestions }) => suggestions);
const [suggestion] = recognised?.suggestions ?? [];
const left = suggestion?.actions.reduce((orders, action) => {
  if (action.type === 'delete') return orders.filter(({ id }) => action.resourceId !== `ServiceRequest/${id}`);
  return action.type === 'create' ? [...orders, action.resource] : orders;
}, drafts);
console.log(`orders to sign: ${(left ?? drafts).map(({ code }) => code.text ?? code.coding[0].code).join(', ')}`);

const outcomeTimestamp = new Date().toISOString();
const feedback = cards
  .filter(({ uuid, overrideReasons }) => uuid && overrideReasons)
  .map((card) =>
    card === recognised
      ? { card: card.uuid, outcome: 'accepted', acceptedSuggestions: [{ id: suggestion.uuid }], outcomeTimestamp }
      : {
          card: card.uuid,
          outcome: 'overridden',
          overrideReason: { reason: card.overrideReasons.find(({ code }) => code === 'N1') },
          outcomeTimestamp,
        },
  );
if (feedback.length > 0) {
  const kept = await post('/cds-services/order-sign/feedback', { feedback });
  console.log(`answers that count: ${kept.feedback.filter(({ counted }) => counted).length}`);
}
