// A HIS that calls plain JSON, whole: check, show, wait for the doctor, confirm the cancellation. Node 20 or later.
//   PLATFORM_URL=… CLIENT_CODE=… CLIENT_KEY=… node order-check.mjs ID-NUMBER NAME BIRTH-DATE CODE…
const { PLATFORM_URL = 'http://127.0.0.1:8080', CLIENT_CODE, CLIENT_KEY } = process.env;
const [number, name, birthDate, ...codes] = process.argv.slice(2);
const authorization = `Basic ${Buffer.from(`${CLIENT_CODE}:${CLIENT_KEY}`).toString('base64')}`;

const call = async (method, path, body) => {
  const response = await fetch(PLATFORM_URL + path, {
    method,
    headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(6_000),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.code} ${answer.zh}`);
  return answer;
};

let check;
try {
  check = await call('POST', '/api/order-checks', {
    patient: { identifiers: [{ type: 'national-id', number }], name, birthDate },
    encounter: { class: '门诊', number: `V${Date.now()}` },
    request: { number: 'SQ-1' },
    doctor: { staffNumber: '100118' },
    items: codes.map((code, index) => ({ line: index + 1, code })),
  });
} catch (error) {
  // Whatever went wrong, the order goes on, and the doctor is told that nothing was checked.
  console.log(`本次未核查，不影响开单（${error.message}）`);
  process.exit(0);
}
console.log(check.title.zh);
for (const { name: item, outcome } of check.lines) console.log(`${item}: ${outcome}`);
if (check.interrupt && check.cardUrl) console.log(`card ${check.id} ${check.cardUrl}`); // open it in a frame or browser

for (let polls = 0; check.interrupt && polls < 600; polls++) {
  const { complete, lines } = await call('GET', `/api/order-checks/${check.id}/responses`);
  if (!complete) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    continue;
  }
  for (const { line, code, response } of lines)
    if (response?.kind === 'recognise') {
      // Here the HIS takes the order off its own fee list; only then is the recognition fulfilled.
      const confirmation = { line, orderNumber: 'SQ-1', cancelledAt: new Date().toISOString() };
      const { state } = await call('POST', `/api/order-checks/${check.id}/fulfilments`, confirmation);
      console.log(`${code}: ${state}`);
    }
  break;
}
