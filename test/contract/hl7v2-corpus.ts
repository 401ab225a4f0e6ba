/**
 * Messages in the shapes that laboratories of many countries and makers send, written from the rules of HL7 v2.1 to v2.8
 * for this test: none is taken from anywhere. Every person and every value is invented.
 */
interface CorpusMessage {
  readonly name: string;
  readonly text: string;
}

/** How a patient is written in a country: the whole PID. */
const PATIENTS: Readonly<Record<string, (number: number) => string>> = {
  'US, MRN and SSN': (n) =>
    `PID|1||MR${n}^^^GHH^MR~${100 + n}-00-${1000 + n}^^^USA^SS||Doe^Jane^Q^^^^L||19640101|F|||1 Elm St^^Springfield^IL^62701^USA`,
  'Germany, insurance number and umlauts': (n) =>
    `PID|1||${n}^^^KIS^PI~A${123456000 + n}^^^GKV^KVNR||Müller^Jörg^^^Dr.||19550512|M`,
  'France, two names': (n) =>
    `PID|1||IPP${n}^^^CHU&1.2.250.1.71.4.2.1&ISO^PI||DUPONT^Élodie^Anne^^^^L~MARTIN^Élodie^^^^^M||19800229|F`,
  'Netherlands, prefix of the name': (n) =>
    `PID|1||${n}^^^ZIS^PI~9${10000000 + n}^^^NLMINBIZA^NNNLD||Vries&de&Vries^Jan^^^^^L||19700707|M`,
  'Spain, two family names': (n) => `PID|1||${n}^^^HIS^PI||GARCÍA LÓPEZ^MARÍA^^^^^L||19901231|F`,
  'Brazil, CPF': (n) => `PID|1||${n}^^^HC^PI~${52998224000 + n}^^^BR^CPF||SILVA^JOÃO||19850315|M`,
  'Australia, Medicare': (n) =>
    `PID|1||${n}^^^RPH^MR~2950${100000 + n}1^^^AUSHIC^MC||SMITH^JOHN^^^MR^^L||19481107|M`,
  'Japan, two writings of a name': (n) =>
    `PID|1||${n}^^^^PI||山田^太郎^^^^^L^I~ヤマダ^タロウ^^^^^L^P||19600401|M`,
  'Korea, a number alone': (n) => `PID|1||${n}||김^민수||19720910|M`,
  'India, one name only': (n) => `PID|1||UHID${n}^^^CITY^MR||Lakshmi||19930105|F`,
  'Saudi Arabia, long name': (n) =>
    `PID|1||${n}^^^MOH^MR~1${100000000 + n}^^^SAU^NI||Al Harbi^Fatimah^Abdullah Saleh||19880520|F`,
  'Russia, patronymic': (n) => `PID|1||${n}^^^МИС^PI||Иванова^Мария^Петровна||19690823|F`,
  'Taiwan, chart number': (n) => `PID|1||${n}^^^TWH^MR||陳^小明||20010203|M`,
  'China, whole name in one component': (n) => `PID|1||${n}^^^HIS^MR||欧阳某某||19771005|F`,
  'the oldest form, PID-2 and no components': (n) => `PID|1|${n}|${n}||ROE^RICHARD||19500101|M`,
  'birth date to the year, sex unknown': (n) => `PID|1||${n}^^^X^MR||NN^NN||1931|U`,
  'visit number beside, trailing fields': (n) =>
    `PID|1||${n}^^^KIS^PI~V${n}^^^KIS^VN||Novák^Petr||19660606|M|||||||||V${n}|||||||||||||`,
};

/** How a report is written by a maker: everything after the visit, for one report number. */
const REPORTS: Readonly<Record<string, (number: string) => readonly string[]>> = {
  'chemistry with LOINC beside the local code': (r) => [
    `ORC|RE|P${r}|${r}`,
    `OBR|1|P${r}^PLACER|${r}^FILLER|CHEM^Chemistry^L|||202611200800|||||||202611200830|SER|||||||202611201000||LAB|F`,
    'OBX|1|NM|K^Potassium^L^2823-3^Potassium^LN||4.1|mmol/L|3.5-5.1|N|||F|||202611200930',
    'OBX|2|NM|NA^Sodium^L^2951-2^Sodium^LN||139|mmol/L|136-145|N|||F',
  ],
  'haematology with flags, powers of ten and notes': (r) => [
    `OBR|1||${r}|CBC^Complete blood count|||202611200800|||||||||||||||202611200915||HM|F`,
    'NTE|1|L|Sample slightly haemolysed',
    'OBX|1|NM|WBC^Leucocytes||11.2|10*9/L|4.0-10.0|H|||F',
    'OBX|2|NM|PLT^Platelets||88|10^9/L|150-400|L~A|||F',
    'NTE|1||Checked by smear',
  ],
  'comparators and ratios': (r) => [
    `OBR|1|${r}P|${r}|SER^Serology|||20261120|||||||||||||||20261120||LAB|F`,
    'OBX|1|SN|CRP^CRP||<^0.5|mg/L|0-5|N|||F',
    'OBX|2|SN|ANA^ANA titre||^1^:^160|||A|||F',
  ],
  'words for results': (r) => [
    `OBR|1||${r}|UA^Urinalysis|||202611200800+0100|||||||||||||||202611201000+0100||UR|F`,
    'OBX|1|ST|LEU^Leucocyte esterase||1+||negative|A|||F',
    'OBX|2|CE|NIT^Nitrite||NEG^negative^L|||N|||F',
    'OBX|3|TX|SED^Sediment||no casts~a few epithelial cells||||||F',
  ],
  'microbiology with sub-ids': (r) => [
    `OBR|1|${r}P|${r}|BC^Blood culture|||202611180900|||||||202611180930|BLD^Blood|||||||202611201200||MB|F`,
    'OBX|1|CWE|ORG^Organism|1|EC^Escherichia coli^L||||||F',
    'OBX|2|ST|AMP^Ampicillin|1.1|>=32|mg/L||R|||F',
    'OBX|3|ST|CIP^Ciprofloxacin|1.2|<=0.25|mg/L||S|||F',
  ],
  'specimen after the order': (r) => [
    `ORC|RE|P${r}|${r}|||||||||D1^Who^Doctor`,
    `OBR|1|P${r}|${r}|GLU^Glucose^L|||20261120080000.000-0500|||||||||D1^Who^Doctor||||||20261120093000-0500||CH|F`,
    'SPM|1|S1^LAB||SER^Serum^HL70487|||||||||||||20261120080000-0500|20261120083000-0500',
    'OBX|1|NM|GLU^Glucose||5.4|mmol/L|3.9-5.5|N|||F|||20261120090000-0500||T1^Tech^A',
  ],
  'formatted text with escapes': (r) => [
    `OBR|1||${r}|HIST^Histology|||20261119|||||||||||||||20261120||SP|F`,
    'OBX|1|FT|MICRO^Microscopy||\\.br\\Fragments of mucosa\\.br\\No atypia \\T\\ no dysplasia||||||F',
  ],
  'a document beside the values': (r) => [
    `OBR|1||${r}|PANEL^Panel|||20261120080000|||||||||||||||20261120100000||LAB|F`,
    'OBX|1|NM|CREA^Creatinine||78|umol/L|44-80||||F',
    'OBX|2|ED|PDF^Report||LAB^application^pdf^Base64^JVBERi0xLjQK||||||F',
  ],
  'preliminary, with own segments and a note of the patient': (r) => [
    'NTE|1||Patient on dialysis',
    `OBR|1||${r}|ELEC^Electrolytes|||202611200800|||||||||||||||202611200830||LAB|P`,
    'ZLB|1|device|42',
    'OBX|1|NM|K^Potassium||5.9|mmol/L|3.5-5.1|H|||P',
    'ZEX|x^y~z',
  ],
};

const VERSIONS = ['2.1', '2.2', '2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.7', '2.8'] as const;
/** MSH-9 grew from two components to three. */
const typeIn = (version: string): string => (version < '2.3.1' ? 'ORU^R01' : 'ORU^R01^ORU_R01');
const VISITS = ['PV1|1|I|W1^101^1^GH|R|||D1^Who^Doctor', 'PV1|1|O', 'PV1||E|ED^^^GH||||||||||||||||V9', ''];

const patients = Object.entries(PATIENTS);
const reports = Object.entries(REPORTS);

const messageOf = (index: number): CorpusMessage => {
  const [country, patient] = patients[index % patients.length] as (typeof patients)[number];
  const [maker, report] = reports[index % reports.length] as (typeof reports)[number];
  const version = VERSIONS[index % VERSIONS.length] as string;
  const visit = VISITS[index % VISITS.length] as string;
  const sentAt = index % 3 === 0 ? '20261120101500' : '20261120101500.123+0100';
  return {
    name: `${country}; ${maker}; v${version}`,
    text: [
      `MSH|^~\\&|CORPUS|ANY|HUREN|REGION|${sentAt}||${typeIn(version)}|C${index}|P|${version}||||||UNICODE UTF-8`,
      patient(40_000 + index),
      ...(visit === '' ? [] : [visit]),
      ...report(`R${index}`),
    ].join(index % 5 === 0 ? '\r\n' : '\r'),
  };
};

/** Habits that stand beside the others, each once. */
const HABITS: readonly CorpusMessage[] = [
  {
    name: 'an analyser that calls its UTF-8 UNICODE, words for the sex, a coloured flag',
    text: [
      'MSH|^~\\&|CORPUS|ANY|||20261120101500||ORU^R01|C-UNICODE|P|2.3.1||||||UNICODE',
      'PID|1||70001^^^^MR||^甲乙||19820123000000|Female',
      'OBR|1||S-70001|00001^Automated Count^99XXX||20261120095000|20261120100000|||||||||||||||||HM',
      'OBX|1|NM|6690-2^WBC^LN||5.2|10*9/L|4.0-10.0|↓|||F',
    ].join('\r'),
  },
  {
    name: 'observations of the patient before the visit, as v2.7 has them',
    text: [
      'MSH|^~\\&|CORPUS|ANY|HUREN|REGION|20261120101500||ORU^R01^ORU_R01|C-WEIGHT|P|2.8||||||UNICODE UTF-8',
      'PID|1||70002^^^GHH^MR||Doe^Weight||19700101|M',
      'OBX|1|NM|WT^Body weight||71|kg|||||F',
      'PV1|1|O',
      'OBR|1||R-70002|NA^Sodium|||202611200800|||||||||||||||202611201000||LAB|F',
      'OBX|2|NM|NA^Sodium||139|mmol/L|136-145|N|||F',
    ].join('\r'),
  },
  {
    name: 'a CDA document as plain characters, pinyin before the name, codes padded with blanks',
    text: [
      'MSH|^~\\&|CORPUS|ANY|HUREN|REGION|20261120101500||ORU^R01^ORU_R01|C-CDA|P|2.5.1||||||UNICODE UTF-8',
      'PID|||70003||JIAYI^甲乙丙||19700101|M',
      'OBR|1|P-70003|R-70003| CT02 ^Chest CT|||202611200800|||||||||||||||202611201000||CT|F',
      'OBX|1|ED|DOC^Report||^Text^text/xml^ASCII^<ClinicalDocument xmlns="urn:hl7-org:v3"/>||||||F',
    ].join('\r'),
  },
];

/** Every country with every maker; the last can only be refused. */
export const CORPUS: readonly CorpusMessage[] = [
  ...Array.from({ length: patients.length * reports.length }, (_, index) => messageOf(index)),
  ...HABITS,
  {
    name: 'two patients in one message',
    text: [
      'MSH|^~\\&|CORPUS|ANY|HUREN|REGION|20261120101500||ORU^R01|C-TWO|P|2.3||||||UNICODE UTF-8',
      ...['11111', '99999'].flatMap((number) => [
        `PID|1||${number}^^^GHH^MR||Other^Person${number}||19700101|M`,
        `OBR|1||R-${number}|X^X|||||||||||||||||||||F`,
        'OBX|1|NM|K^K||4||||||F',
      ]),
    ].join('\r'),
  },
];
