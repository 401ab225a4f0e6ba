import { DAY_MS, type Instant, instant } from '../../kernel/instant.ts';
import { civilDateText } from '../../kernel/civil-day.ts';
import { nationalId } from './identity-numbers.ts';
import { givenName, surname } from './names.ts';
import { ageOn, type Condition, type DemonstrationPerson, type Home } from './person.ts';
import type { Random } from './random.ts';

const HOMES: Readonly<
  Record<Home, { idRegions: readonly string[]; city: string; streets: readonly string[] }>
> = {
  consortium: {
    idRegions: ['480225'],
    city: '望溪市晏溪县',
    streets: ['城关镇学府路', '青石镇老街', '白马乡柳湾村', '城关镇滨河路', '青石镇石桥村'],
  },
  wangxi: {
    idRegions: ['480202', '480225'],
    city: '望溪市城中区',
    streets: ['解放路', '望江路', '文昌街', '锦绣园', '钟楼巷'],
  },
  qinglan: {
    idRegions: ['480102', '480101'],
    city: '青澜市东湖区',
    streets: ['湖滨路', '青年路', '东风街', '金桂苑', '师院路'],
  },
};

/** Chance of each lasting condition at an age, before sex is asked. */
const PREVALENCE: readonly (readonly [Condition, (age: number, sex: 'male' | 'female') => number])[] = [
  ['diabetes', (age) => (age < 30 ? 0.01 : age < 50 ? 0.08 : 0.2)],
  ['hypertension', (age) => (age < 35 ? 0.03 : age < 55 ? 0.2 : 0.45)],
  ['ckd', (age) => (age < 40 ? 0.01 : age < 60 ? 0.04 : 0.1)],
  ['hepatitis-b', (age) => (age < 20 ? 0.005 : 0.055)],
  ['hyperthyroid', (age, sex) => (age < 18 ? 0 : sex === 'female' ? 0.02 : 0.006)],
  ['hypothyroid', (age, sex) => (age < 18 ? 0.002 : sex === 'female' ? 0.035 : 0.01)],
  ['thyroid-nodule', (age) => (age < 30 ? 0.04 : 0.16)],
  ['tumour', (age) => (age < 45 ? 0.006 : 0.035)],
  ['coronary', (age) => (age < 45 ? 0.005 : age < 60 ? 0.06 : 0.16)],
  ['gout', (age, sex) => (sex === 'male' && age > 25 ? 0.07 : 0.01)],
  ['hyperlipidaemia', (age) => (age < 30 ? 0.06 : 0.28)],
  ['anaemia', (age, sex) => (sex === 'female' && age > 14 && age < 50 ? 0.14 : age > 70 ? 0.1 : 0.03)],
  ['knee', (age) => (age < 45 ? 0.03 : 0.2)],
  ['spine', (age) => (age < 30 ? 0.03 : 0.18)],
  ['pregnancy', (age, sex) => (sex === 'female' && age >= 22 && age <= 40 ? 0.16 : 0)],
];

/** A day so many days before `now`, `YYYYMMDD` in China. */
export const dayBefore = (now: Instant, days: number): string =>
  civilDateText(instant(now - days * DAY_MS)).replaceAll('-', '');

const conditionsOf = (random: Random, age: number, sex: 'male' | 'female'): readonly Condition[] => {
  const drawn = PREVALENCE.filter(([, chance]) => random.chance(chance(age, sex))).map(
    ([condition]) => condition,
  );
  return drawn.includes('hyperthyroid') ? drawn.filter((condition) => condition !== 'hypothyroid') : drawn;
};

/** A mobile number in a range that the numbering plan gives to nobody (154 is not assigned to phones). */
const phoneOf = (random: Random): string => `154${random.digits(8)}`;

/** Sequence numbers of one sex that a region has for one day of birth (996 and above are kept for centenarians). */
const SEQUENCES = 497;

interface Draft {
  readonly sex: 'male' | 'female';
  readonly ageDays: number;
  readonly surname: string;
  readonly mother?: DemonstrationPerson;
  readonly birthOrder?: number;
}

/** Makes households one after the other; numbers and keys run through the whole region. */
export interface HouseholdMaker {
  /** The members of the next household, mothers before their children. */
  next(): readonly DemonstrationPerson[];
}

/** Opens the maker. Twins get neighbouring ID sequences; newborns under thirty days have no number and mother's name. */
export const householdMaker = (random: Random, now: Instant, firstNumber: number): HouseholdMaker => {
  let number = firstNumber;
  let household = 0;
  const usedIds = new Set<string>();

  /** Neighbouring starts give neighbouring sequences, as twins really have them. */
  const idOf = (region: string, birthDate: string, sex: 'male' | 'female', start: number): string => {
    for (let step = 0; step < SEQUENCES; step++) {
      const sequence = ((start + step) % SEQUENCES) * 2 + (sex === 'male' ? 1 : 2);
      const id = nationalId(region, birthDate, String(sequence).padStart(3, '0'));
      if (usedIds.has(id)) continue;
      usedIds.add(id);
      return id;
    }
    throw new RangeError(`every ID of ${region} on ${birthDate} is taken`);
  };

  const next = (): readonly DemonstrationPerson[] => {
    const key = `h${++household}`;
    const stream = random.fork(key);
    const home = stream.weighted<Home>([
      ['consortium', 60],
      ['wangxi', 24],
      ['qinglan', 16],
    ]);
    const place = HOMES[home];
    const region = stream.pick(place.idRegions);
    const address = `${place.city}${stream.pick(place.streets)}${stream.whole(1, 320)}号${stream.whole(1, 24)}栋${stream.whole(1, 18)}0${stream.whole(1, 4)}室`;
    const familyPhone = phoneOf(stream);
    const members: DemonstrationPerson[] = [];

    const add = (
      { sex, ageDays, surname: family, mother, birthOrder }: Draft,
      sequence: number,
    ): DemonstrationPerson => {
      const own = stream.fork(`p${members.length + 1}`);
      const birthDate = dayBefore(now, ageDays);
      const newborn = ageDays < 30 && mother !== undefined;
      const newbornName = `${mother?.name ?? ''}之${birthOrder === undefined ? '' : birthOrder === 1 ? '大' : '小'}${sex === 'male' ? '子' : '女'}`;
      const person: DemonstrationPerson = {
        key: `${key}-p${members.length + 1}`,
        number: number++,
        name: newborn ? newbornName : family + givenName(own, sex, Number(birthDate.slice(0, 4))),
        sex,
        birthDate,
        nationalId: newborn ? null : idOf(region, birthDate, sex, sequence),
        phone: ageDays > 14 * 365 && own.chance(0.8) ? phoneOf(own) : familyPhone,
        address,
        home,
        conditions: conditionsOf(own, ageOn(birthDate, dayBefore(now, 0)), sex),
        ...(mother ? { mother } : {}),
        ...(birthOrder === undefined ? {} : { birthOrder, multipleBirth: true }),
      };
      members.push(person);
      return person;
    };

    const years = (low: number, high: number): number => stream.whole(low * 365, high * 365);
    const husbandSurname = surname(stream);
    const kind = stream.weighted([
      ['single', 18],
      ['couple', 26],
      ['parents', 42],
      ['three-generations', 14],
    ] as const);
    const sequence = (): number => stream.whole(0, 480);
    if (kind === 'single') {
      add(
        { sex: stream.chance(0.5) ? 'male' : 'female', ageDays: years(18, 88), surname: husbandSurname },
        sequence(),
      );
      return members;
    }
    const wifeAge = kind === 'couple' ? years(24, 82) : years(23, 44);
    const wife = add({ sex: 'female', ageDays: wifeAge, surname: surname(stream) }, sequence());
    add({ sex: 'male', ageDays: wifeAge + stream.whole(-700, 1800), surname: husbandSurname }, sequence());
    if (kind === 'couple') return members;

    const oldest = Math.min(wifeAge - 20 * 365, 17 * 365);
    const twins = stream.chance(0.03);
    const newbornHere = stream.chance(0.06);
    const birth = newbornHere ? stream.whole(1, 28) : stream.whole(40, Math.max(60, oldest));
    const start = sequence();
    for (let order = 1; order <= (twins ? 2 : 1); order++)
      add(
        {
          sex: stream.chance(0.52) ? 'male' : 'female',
          ageDays: birth,
          surname: husbandSurname,
          mother: wife,
          ...(twins ? { birthOrder: order } : {}),
        },
        start + order,
      );
    const sibling = birth + stream.whole(500, 2400);
    if (!twins && sibling < oldest && stream.chance(0.4))
      add(
        {
          sex: stream.chance(0.5) ? 'male' : 'female',
          ageDays: sibling,
          surname: husbandSurname,
          mother: wife,
        },
        sequence(),
      );
    if (kind === 'three-generations') {
      add({ sex: 'female', ageDays: wifeAge + years(21, 30), surname: surname(stream) }, sequence());
      add({ sex: 'male', ageDays: wifeAge + years(22, 33), surname: husbandSurname }, sequence());
    }
    return members;
  };
  return { next };
};
