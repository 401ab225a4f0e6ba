import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import { CouldNotLoad } from '../kit/states.tsx';
import type { ConsentOverview, RecordedConsent } from '../wire/consent.ts';
import type { History } from '../kit/history.ts';
import { newKey } from '../kit/new-key.ts';
import { momentText } from './words.ts';

/** Who agrees: the button that is pressed names them. For a child under fourteen a parent or guardian. */
const RELATIONS = [
  ['self', '患者本人'],
  ['parent', '父母'],
  ['guardian', '其他监护人'],
  ['spouse', '配偶'],
  ['child', '子女'],
  ['sibling', '兄弟姐妹'],
  ['other', '其他亲属'],
] as const;
const OF_A_CHILD: readonly string[] = ['parent', 'guardian'];

const NAMES_SHOWN = 4;

/** Reports of which only that they exist may be told, and the one press that records consent and opens them. */
export const ConsentNeeded = ({
  person,
  history,
}: {
  readonly person: string;
  readonly history: Pick<History, 'existing' | 'institutions'>;
}) => {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const isEnglish = i18n.language === 'en';
  const overview = useQuery({
    queryKey: ['consents', person],
    queryFn: ({ signal }) => call<ConsentOverview>(`/api/persons/${person}/consents`, { signal }),
  });
  const agree = useMutation({
    mutationFn: (relation: string) =>
      call<RecordedConsent>(`/api/persons/${person}/consents`, {
        body: { kind: 'consented', way: 'spoken', relation },
        headers: { 'idempotency-key': newKey() },
      }),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ['results', person] }),
        client.invalidateQueries({ queryKey: ['consents', person] }),
      ]);
    },
  });
  const isChild = overview.data?.needsGuardian ?? true;
  return (
    <section className="consent-needed" aria-labelledby="consent-title">
      <h2 id="consent-title">
        {t('另有 {n} 份其他医院的报告，征得患者同意后可查看内容', { n: history.existing.length })}
      </h2>
      <ul>
        {history.existing.map(({ institution, anchorAt, anchorPrecision, items }) => {
          const names = items.map(({ nameZh, nameEn }) => (isEnglish ? nameEn : nameZh));
          const place = history.institutions[institution];
          return (
            <li key={`${institution} ${anchorAt} ${names.join()}`}>
              {isEnglish ? place?.nameEn : place?.nameZh}
              {'　'}
              {anchorPrecision === 'day' ? momentText(anchorAt).slice(0, 10) : momentText(anchorAt)}
              {'　'}
              {names.slice(0, NAMES_SHOWN).join('、')}
              {names.length > NAMES_SHOWN && t(' 等 {n} 项', { n: names.length })}
            </li>
          );
        })}
      </ul>
      {overview.data && !isEnglish && <p className="sub">{overview.data.wording.spokenZh}</p>}
      <fieldset disabled={agree.isPending}>
        <legend>{t('已征得患者（监护人）同意，立即调阅')}</legend>
        {RELATIONS.filter(([relation]) => !isChild || OF_A_CHILD.includes(relation)).map(
          ([relation, words], place) => (
            <Button
              key={relation}
              type={place === 0 ? 'primary' : 'default'}
              onClick={() => agree.mutate(relation)}
            >
              {t(words)}
            </Button>
          ),
        )}{' '}
        <a href={`/patients/${person}/consent`}>{t('授权登记')}</a>
      </fieldset>
      {agree.error && <CouldNotLoad error={agree.error} retry={() => agree.reset()} />}
    </section>
  );
};
