import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import Button from 'antd-mobile/es/components/button';
import { useTranslation } from 'react-i18next';
import { throughText } from '../../kernel/civil-day.ts';
import { instant } from '../../kernel/instant.ts';
import { call } from '../kit/calls.ts';
import type { OwnRepresentation } from '../wire/own-data.ts';
import { REPRESENTATION_EVIDENCE_WORDS, REPRESENTATION_RELATION_WORDS } from '../representation-words.ts';
import { timeText } from '../words.ts';
import { useAccount } from './own.tsx';
import { CouldNotLoad } from './states.tsx';

const RelationCard = ({
  representation,
  end,
}: {
  readonly representation: OwnRepresentation;
  /** Which end of the relation is signed in. */
  readonly end: 'representative' | 'person';
}) => {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const finish = useMutation({
    mutationFn: () => call(`/api/own/representations/${representation.id}/end`, { body: {} }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['account'] }),
  });
  const { person, relation, evidence, recordedAt, endsAt, restricted } = representation;
  return (
    <section className="card">
      <h2>{person.name}</h2>
      <dl className="facts">
        <dt>{end === 'representative' ? t('您是其') : t('对方是您的')}</dt>
        <dd>{t(REPRESENTATION_RELATION_WORDS[relation])}</dd>
        <dt>{t('登记')}</dt>
        <dd>
          {timeText(recordedAt, 'day')} {t('凭')} {t(REPRESENTATION_EVIDENCE_WORDS[evidence])}
        </dd>
        <dt>{t('到期')}</dt>
        <dd>{throughText(instant(Date.parse(endsAt)))}</dd>
        <dt>{t('敏感项目')}</dt>
        <dd>{restricted ? t('可以看') : t('不显示')}</dd>
      </dl>
      {finish.error && <CouldNotLoad error={finish.error} />}
      <p className="acts">
        {end === 'representative' && (
          <Link className="button" to="/me" search={{ for: person.person }}>
            {t('看 {name} 的结果', { name: person.name ?? '' })}
          </Link>
        )}
        <Button loading={finish.isPending} onClick={() => finish.mutate()}>
          {t('结束代办')}
        </Button>
      </p>
    </section>
  );
};

/** 代办: for whom I act, who acts for me, and how a relation comes about. */
export const FamilyPage = () => {
  const { t } = useTranslation();
  const { actingFor, representedBy } = useAccount();
  return (
    <>
      <h1>{t('代办')}</h1>
      <h2>{t('我为谁代办')}</h2>
      {actingFor.length === 0 && <p>{t('没有登记')}</p>}
      {actingFor.map((each) => (
        <RelationCard key={each.id} representation={each} end="representative" />
      ))}
      <h2>{t('谁为我代办')}</h2>
      {representedBy.length === 0 && <p>{t('没有登记')}</p>}
      {representedBy.map((each) => (
        <RelationCard key={each.id} representation={each} end="person" />
      ))}
      <p className="soft">
        {t(
          '代办在医院服务台登记：带双方证件和关系证明。不满十四周岁由父母或监护人办理；满十四周岁和成年人须本人同意。任何一方都可以随时结束，每次代办都记入访问记录。',
        )}
      </p>
    </>
  );
};
