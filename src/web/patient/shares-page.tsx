import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Button from 'antd-mobile/es/components/button';
import { useTranslation } from 'react-i18next';
import { call } from '../kit/calls.ts';
import type { OwnShare, OwnShares } from '../wire/own-data.ts';
import { timeText } from '../words.ts';
import { ownQuery, useSubject } from './own.tsx';
import { CouldNotLoad, Loading, Nothing } from './states.tsx';

const STATE_WORDS: Readonly<Record<OwnShare['state'], string>> = {
  open: '等待打开',
  used: '已打开',
  expired: '已过期',
  revoked: '已撤回',
  ended: '已失效',
};

const ShareCard = ({ share }: { readonly share: OwnShare }) => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () =>
      call(`/api/own/shares/${share.id}/revocation`, { body: person === undefined ? {} : { person } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['shares'] }),
  });
  return (
    <section className="card">
      <h2>
        {share.titleZh} <span className="tag">{t(STATE_WORDS[share.state])}</span>
      </h2>
      <p className="soft">
        {share.institutionZh !== '' && `${share.institutionZh} · `}
        {t('分享于')} {timeText(share.madeAt)} · {share.masked ? t('只显示姓氏，不显示号码') : t('显示全名')}
        {share.downloads && ` · ${t('可下载影像')}`}
      </p>
      {share.study !== null && share.state !== 'ended' && (
        <p>
          {share.reportCame
            ? t('只分享影像。报告是分享之后收到的，不在这次分享里，对方看不到。')
            : t('只分享影像，不含报告。')}
        </p>
      )}
      {share.state === 'ended' && (
        <p className="note">{t('影像的归属在分享后有变动，对方已看不到。需要时请重新分享。')}</p>
      )}
      {share.openings.length === 0 ? (
        <p>{t('没有人打开过')}</p>
      ) : (
        <ul>
          {share.openings.map((opening) => (
            <li key={opening.at}>
              {t('打开于')} {timeText(opening.at)}
              <br />
              {opening.name === null && opening.place === null ? (
                t('打开的人没有说明是谁')
              ) : (
                <>
                  {[opening.place, opening.name].filter((one) => one !== null).join(' ')}{' '}
                  <span className="tag">{t('未核实')}</span>
                </>
              )}
              {opening.network !== null && (
                <span className="soft">
                  {' '}
                  {t('网络')} {opening.network}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {revoke.error && <CouldNotLoad error={revoke.error} />}
      {share.canRevoke && (
        <Button loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {t('撤回分享')}
        </Button>
      )}
    </section>
  );
};

/** What was shared, and every opening. */
export const SharesPage = () => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const { data, error, refetch } = useQuery({
    queryKey: ['shares', ownQuery(person)],
    queryFn: ({ signal }) => call<OwnShares>(`/api/own/shares${ownQuery(person)}`, { signal }),
    staleTime: 0,
  });
  return (
    <>
      <h1>{t('我的分享')}</h1>
      {error && !data && <CouldNotLoad error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t('正在读取')} />}
      {data?.shares.length === 0 && (
        <Nothing what={t('还没有分享过报告或影像')}>
          <p className="soft">{t('打开一份报告或一次检查的影像，在下方选“分享给医生”。')}</p>
        </Nothing>
      )}
      {data?.shares.map((share) => (
        <ShareCard key={share.id} share={share} />
      ))}
    </>
  );
};
