import { describe, expect, it } from 'vitest';
import { evaluateMatching, readLabelledRecords } from './person-evaluate.ts';

const RECORDS = `rec_id,hospital,id_type,id_no,name,sex,birth_date,phone,address,mi_no,ehc_id,mother_id_no
1,H1,01,11010519491231002X,王娜慧,2,1949-12-31,13912345678,,,,
2,H2,01,１１０１０５１９４９１２３１００２x,王娜慧,2,1949-12-31,,,,,
3,H3,,,王娜慧,2,1949-12-31,,,,,
4,H1,01,440524188001010014,孙彤,1,1880-01-01,,,530001,,
5,H2,,,孙彤,1,1880-01-01,,,530001,,
6,H3,01,110105194912310021,赵华,2,1949-12-31,,,,,`;
const TRUTH = `rec_id,person_id
1,A
2,A
3,A
4,B
5,C
6,D`;

describe('the evaluation of the matching rules', () => {
  it('counts right, wrong, missed and reviewed pairs against the truth', () => {
    const score = evaluateMatching(readLabelledRecords(RECORDS, TRUTH));
    expect(score).toMatchObject({
      records: 6,
      truePairs: 3,
      linked: { pairs: 2, wrong: 1, precision: 0.5, recall: 1 / 3 },
      recallAfterReview: 1,
      reviews: 2,
      reviewsOfOnePerson: 2,
      clustersWithTwoPersons: 1,
      wrongLinksByRule: { 'identifier-name-birth-date': 1 },
    });
  });
});
