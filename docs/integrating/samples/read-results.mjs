// Reads the laboratory results of one person by FHIR R4. Node 20 or later, no packages.
//   PLATFORM_URL=http://127.0.0.1:8080 CLIENT_KEY=… node read-results.mjs 身份证号
const [number] = process.argv.slice(2);
const interfaceUrl = `${process.env.PLATFORM_URL}/fhir`;
const headers = { authorization: `Bearer ${process.env.CLIENT_KEY}`, accept: 'application/fhir+json' };

const ask = async (address, form) => {
  const response = await fetch(address, form ? { method: 'POST', headers, body: new URLSearchParams(form) } : { headers });
  const resource = await response.json();
  // An OperationOutcome says why; "not there" and "not yours to see" are one answer.
  if (!response.ok) throw new Error(`${response.status} ${resource.issue[0].details.coding[0].code}`);
  return resource;
};

// A number in an address would stand in every log on the way, so people are searched by POST.
const found = await ask(`${interfaceUrl}/Patient/_search`, { identifier: `urn:oid:2.16.156.10011.1.3|${number}` });
for (const { resource: patient } of found.entry) {
  let address = `${interfaceUrl}/Observation?patient=${patient.id}&category=laboratory&_count=50`;
  while (address) {
    const page = await ask(address);
    for (const { resource } of page.entry) {
      const { valueQuantity, valueString, dataAbsentReason } = resource;
      const value = valueQuantity ? `${valueQuantity.value} ${valueQuantity.unit ?? ''}` : (valueString ?? '—');
      console.log([resource.effectiveDateTime, resource.code.text, dataAbsentReason ? '—' : value, resource.status, resource.performer[0].display].join('\t'));
    }
    address = page.link.find(({ relation }) => relation === 'next')?.url;
  }
}
