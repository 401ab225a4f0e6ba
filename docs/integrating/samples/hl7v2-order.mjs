// A HIS that sends its orders by HL7 v2 and reads what was found in the answer (ORM^O01 -> ORR^O02). Node 20 or later.
//   PLATFORM_MLLP=127.0.0.1:2575 HIS_SENDER='HIS|YXHIS' node hl7v2-order.mjs ID-NUMBER NAME BIRTH-DATE CODE…
import { connect } from 'node:net';

const { PLATFORM_MLLP = '127.0.0.1:2575', HIS_SENDER = 'HIS|YXHIS' } = process.env;
const [number, name, birthDate, ...codes] = process.argv.slice(2);
const [host, port] = PLATFORM_MLLP.split(':');
const now = `${new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace(/[-T:]/g, '')}+0800`;

const message = [
  `MSH|^~\\&|${HIS_SENDER}|HUREN|HR|${now}||ORM^O01^ORM_O01|ORD${Date.now()}|P|2.5.1|||||CHN|UNICODE UTF-8`,
  `PID|1||${number}^^^CHN^NNCHN||${name}||${birthDate.replaceAll('-', '')}`,
  `PV1|1|O|||||||||||||||||V${Date.now()}`,
  ...codes.flatMap((code, index) => [
    `ORC|NW|SQ-${index + 1}|||||||${now}|||100118^顾清和`,
    `OBR|${index + 1}|SQ-${index + 1}||${code}^${code}`,
  ]),
  '',
].join('\r');

const socket = connect(Number(port), host, () => socket.write(`\x0b${message}\x1c\r`));
socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
socket.on('error', (error) => console.log(`本次未核查，不影响开单（${error.message}）`));
const chunks = [];
socket.on('data', (chunk) => {
  chunks.push(chunk);
  const answer = Buffer.concat(chunks);
  if (!answer.includes('\x1c\r')) return;
  for (const segment of answer.toString('utf8').replace('\x0b', '').split('\r')) {
    const fields = segment.split('|');
    if (fields[0] === 'MSA') console.log(`${fields[1]}`); // AA: the order is stored
    if (fields[0] === 'ORC') console.log(`order ${fields[2]}`);
    if (fields[0] === 'NTE') console.log(`  ${fields[3]}`); // one thought a note
  }
  socket.end();
});
