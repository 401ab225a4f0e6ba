import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolvePerson } from '../../src/adapters/postgres/person-index.ts';
import { readConfiguration } from '../../src/apps/configuration.ts';
import { openInstallation } from '../../src/apps/installation.ts';
import { personCommand } from '../../src/apps/cli/person.ts';
import { instant } from '../../src/kernel/instant.ts';
import { uuidV7 } from '../../src/kernel/uuid.ts';
import { testDatabase } from './database.ts';
import { patient, record } from './person-fixtures.ts';

const AT = instant(Date.UTC(2026, 10, 23));

let lab: Awaited<ReturnType<typeof testDatabase>>;
let folder: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  lab = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'huren-person-'));
  environment = { DATABASE_URL: lab.url, HUREN_DATA_DIR: folder };
});

afterAll(async () => {
  await lab.drop();
  rmSync(folder, { recursive: true });
});

const huren = async (...args: string[]) => {
  const lines: string[] = [];
  const code = await personCommand.run(args, {
    environment,
    out: (line) => void lines.push(line),
    note: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  return { code, text: lines.join('\n') };
};

describe('huren person', () => {
  it('finds two records of one name, shows the review, links them and parts them again', async () => {
    const installation = await openInstallation(readConfiguration(environment));
    const ids: string[] = [];
    for (const issuer of ['H1', 'H2']) {
      const resolved = await lab.database.transaction((session) =>
        resolvePerson(
          session,
          installation.keys,
          patient({ identifiers: [record(issuer, '7')], name: '欧阳静' }),
          {
            issuer,
            at: AT,
            basis: 'report',
            newPublicId: () => uuidV7(AT, 1, randomBytes(8)),
            sourceRef: 'test',
          },
        ),
      );
      if (resolved.ok) ids.push(resolved.value.publicId);
    }
    await installation.close();
    const [one = '', other = ''] = ids;

    const found = JSON.parse((await huren('find', '歐陽靜', '--json')).text);
    expect(found.persons.map((person: { publicId: string }) => person.publicId)).toEqual(ids);
    expect(JSON.stringify(found)).not.toContain('personId');
    expect((await huren('review')).code).toBe(1);

    expect(await huren('link', one, other, '--by', 'ming')).toEqual({ code: 0, text: '已完成' });
    expect((await huren('review')).code).toBe(0);
    const shown = JSON.parse((await huren('show', one, '--json')).text);
    expect(shown.members.map((member: { grade: string }) => member.grade)).toEqual(['same-record', 'weak']);
    expect(shown.links).toMatchObject([{ person: one, other, cause: 'staff' }]);

    expect(await huren('unlink', one, other)).toEqual({ code: 0, text: '已完成' });
    expect(JSON.parse((await huren('show', one, '--json')).text).members).toHaveLength(1);
    await expect(huren('merge', one, other)).rejects.toMatchObject({ code: 'PERSON_MERGE_FOREIGN' });
  });

  it('says what is wrong with an id, a grade or an unknown person', async () => {
    const unknown = uuidV7(AT, 1, randomBytes(8));
    await expect(huren('show', 'nobody')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(huren('link', unknown, unknown, '--grade', 'certain')).rejects.toMatchObject({
      code: 'USAGE',
    });
    await expect(huren('show', unknown)).rejects.toMatchObject({ code: 'PERSON_UNKNOWN' });
  });

  it('scores the rules on a labelled set given by path', async () => {
    const records = join(folder, 'records.csv');
    const truth = join(folder, 'truth.csv');
    writeFileSync(
      records,
      'rec_id,hospital,id_type,id_no,name,sex,birth_date,phone,address,mi_no,ehc_id,mother_id_no\n1,H1,01,11010519491231002X,王娜,2,1949-12-31,,,,,\n2,H2,01,11010519491231002X,王娜,2,1949-12-31,,,,,\n',
    );
    writeFileSync(truth, 'rec_id,person_id\n1,A\n2,A\n');
    const { code, text } = await huren('evaluate', records, truth);
    expect({ code, f1: JSON.parse(text).linked.f1 }).toEqual({ code: 0, f1: 1 });
  });
});
