import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import Button from 'antd-mobile/es/components/button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ALL_HOSPITALS, consentEffect, type EffectScope } from '../consent-effect.ts';
import { call } from '../kit/calls.ts';
import type {
  ConsentActAnswer,
  ConsentOverview,
  OwnConsentRequest,
  RecordedConsent,
} from '../wire/consent.ts';
import { timeText } from '../words.ts';
import { consentEndText } from './consent-end.ts';
import {
  type ConsentDecision,
  type ConsentWords,
  DECISION_WORDS,
  Layered,
  LEVEL_WORDS,
} from './consent-words.tsx';
import { ownQuery, requestKey, useOwnResults, useSubject } from './own.tsx';
import { CouldNotLoad, Loading, NotDone } from './states.tsx';

const STANDING_WORDS: Readonly<Record<ConsentOverview['standing'], string>> = {
  'not-recorded': '还没有登记',
  informed: '已告知',
  consented: '已同意',
  denied: '已拒绝',
  withdrawn: '已撤回',
};

/** The same acts where they are about one hospital. */
const HOSPITAL_WORDS: typeof DECISION_WORDS = {
  ...DECISION_WORDS,
  consented: '不再隐藏',
  denied: '隐藏这家医院',
};

/** Acts by one tap, then says what follows and asks once; giving and taking back are the same two taps. */
const Acts = ({
  kinds,
  scope,
  about = {},
  wording,
  words = DECISION_WORDS,
}: {
  readonly kinds: readonly ConsentDecision[];
  readonly scope: Pick<OwnConsentRequest, 'source' | 'recordClass' | 'recipient'>;
  /** The same in words, for what follows. */
  readonly about?: Partial<EffectScope>;
  readonly wording: ConsentWords;
  readonly words?: typeof DECISION_WORDS;
}) => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const queries = useQueryClient();
  // The same act sent again, after a weak network, is recorded once.
  const [chosen, setChosen] = useState<{ readonly kind: ConsentDecision; readonly key: string } | null>(null);
  const act = useMutation({
    mutationFn: ({ kind, key }: NonNullable<typeof chosen>) =>
      call<RecordedConsent>('/api/own/consents', {
        body: { kind, ...scope, ...(person === undefined ? {} : { person }) },
        headers: { 'idempotency-key': key },
      }),
    onSuccess: async () => {
      setChosen(null);
      await queries.invalidateQueries({ queryKey: ['consents'] });
    },
  });
  if (chosen)
    return (
      <div role="group" aria-label={t('请确认')}>
        <p className="note">{consentEffect(wording, chosen.kind, { ...ALL_HOSPITALS, ...about })}</p>
        {act.error && <NotDone error={act.error} />}
        <p className="acts">
          <Button color="primary" loading={act.isPending} onClick={() => act.mutate(chosen)}>
            {t('确认{act}', { act: t(words[chosen.kind]) })}
          </Button>
          <Button onClick={() => setChosen(null)}>{t('再想想')}</Button>
        </p>
      </div>
    );
  return (
    <>
      {act.data && (
        <p className="note" role="status">
          {t('已记录。')}
          {act.data.effectZh}
        </p>
      )}
      <p className="acts">
        {kinds.map((kind) => (
          <Button key={kind} onClick={() => setChosen({ kind, key: requestKey() })}>
            {t(words[kind])}
          </Button>
        ))}
      </p>
    </>
  );
};

const WAY_WORDS: Readonly<Record<ConsentActAnswer['way'], string>> = {
  spoken: '当面口头',
  registration: '挂号登记',
  code: '授权码',
  qr: '扫码',
  phone: '手机',
  paper: '纸质',
};

/** Hospitals that the patient hides from all others. */
const hiddenSources = (restrictions: readonly ConsentActAnswer[]): ReadonlySet<string> =>
  new Set(
    restrictions.flatMap(({ kind, source, recordClass }) =>
      kind === 'denied' && source && recordClass === null ? [source.code] : [],
    ),
  );

type ActForOne = ConsentActAnswer & { readonly recipient: NonNullable<ConsentActAnswer['recipient']> };

/** Agreements to one hospital's reading that were taken back, and about which nothing was said since. */
const takenBack = (newestFirst: readonly ConsentActAnswer[]): readonly ActForOne[] => {
  const found: ActForOne[] = [];
  const seen = new Set<string>();
  for (const act of newestFirst) {
    const { recipient, recordClass, source } = act;
    if (source !== null) continue;
    // What was said of all hospitals later counts for this one too.
    if (recipient === null && recordClass === null) break;
    if (recipient === null) continue;
    const key = `${recipient.code}|${recordClass?.code ?? ''}`;
    if (!seen.has(key) && act.kind === 'withdrawn') found.push({ ...act, recipient });
    seen.add(key);
  }
  return found;
};

/** Says of each hospital from which an agreement was taken back since when, and what that means. */
const TakenBack = ({ overview }: { readonly overview: ConsentOverview }) => {
  const { t } = useTranslation();
  const acts = takenBack(overview.acts);
  if (acts.length === 0) return null;
  return (
    <section className="card">
      <h2>{t('已撤回的同意')}</h2>
      <ul className="plain">
        {acts.map((act) => {
          const about = { readerZh: act.recipient.nameZh, classZh: act.recordClass?.text.zh ?? null };
          return (
            <li key={act.id}>
              <h3>
                {act.recipient.nameZh}
                {act.recordClass && <> · {act.recordClass.text.zh}</>}{' '}
                <span className="tag">{t('已撤回')}</span>
              </h3>
              <p>{t('{time} 撤回。', { time: timeText(act.actedAt) })}</p>
              <p className="soft">
                {consentEffect(overview.wording, 'withdrawn', { ...ALL_HOSPITALS, ...about })}
              </p>
            </li>
          );
        })}
      </ul>
    </section>
  );
};

/** What was agreed to for one hospital alone: at its desk, in its consulting room or by its code. */
const Given = ({ overview }: { readonly overview: ConsentOverview }) => {
  const { t } = useTranslation();
  const given = overview.agreements.flatMap((act) =>
    act.recipient ? [{ act, recipient: act.recipient }] : [],
  );
  if (given.length === 0) return null;
  return (
    <section className="card">
      <h2>{t('只给一家医院的同意')}</h2>
      <ul className="plain">
        {given.map(({ act, recipient }) => (
          <li key={act.id}>
            <h3>
              {recipient.nameZh}
              {act.recordClass && <> · {act.recordClass.text.zh}</>}
            </h3>
            <p className="soft">
              {timeText(act.actedAt)} · {t(WAY_WORDS[act.way])} · {consentEndText(t, act.until)}
            </p>
            <Acts
              kinds={['withdrawn']}
              scope={{
                recipient: recipient.code,
                ...(act.recordClass ? { recordClass: act.recordClass.code } : {}),
              }}
              about={{ readerZh: recipient.nameZh, classZh: act.recordClass?.text.zh ?? null }}
              wording={overview.wording}
            />
          </li>
        ))}
      </ul>
    </section>
  );
};

const Hospitals = ({ overview }: { readonly overview: ConsentOverview }) => {
  const { t } = useTranslation();
  const { data } = useOwnResults();
  const hidden = hiddenSources(overview.restrictions);
  if (!data) return null;
  return (
    <section className="card">
      <h2>{t('单独隐藏某家医院')}</h2>
      <p className="soft">{t('隐藏后，别的医院看不到这家医院的结果；这家医院自己仍能看到。')}</p>
      <ul className="plain">
        {data.history.institutions.map(({ code, nameZh }) => (
          <li key={code}>
            <h3>
              {nameZh} {hidden.has(code) && <span className="tag">{t('已隐藏')}</span>}
            </h3>
            <Acts
              kinds={hidden.has(code) ? ['consented'] : ['denied']}
              scope={{ source: code }}
              about={{ hospitalZh: nameZh }}
              wording={overview.wording}
              words={HOSPITAL_WORDS}
            />
          </li>
        ))}
      </ul>
    </section>
  );
};

const Log = ({ acts }: { readonly acts: readonly ConsentActAnswer[] }) => {
  const { t } = useTranslation();
  if (acts.length === 0) return null;
  return (
    <details className="card">
      <summary>{t('授权记录（{n} 条）', { n: acts.length })}</summary>
      <ul className="plain">
        {acts.map((act) => (
          <li key={act.id}>
            <p>
              {timeText(act.actedAt)} <b>{t(STANDING_WORDS[act.kind])}</b> · {t(WAY_WORDS[act.way])}
              {act.representative && <> · {act.representative}</>}
            </p>
            <p className="soft">
              {act.source ? act.source.nameZh : t('所有医院的结果')}
              {' → '}
              {act.recipient ? act.recipient.nameZh : t('所有为您看病的医院')}
              {act.recordClass && <> · {act.recordClass.text.zh}</>} · {act.recordedBy.institutionZh}
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
};

/** 授权管理: what counts now in plain words, the choice, one hospital hidden, and every act there ever was. */
export const ConsentPage = () => {
  const { t } = useTranslation();
  const { person } = useSubject();
  const { data, error, refetch } = useQuery({
    queryKey: ['consents', person ?? null],
    queryFn: ({ signal }) => call<ConsentOverview>(`/api/own/consents${ownQuery(person)}`, { signal }),
  });
  if (error && !data) return <CouldNotLoad error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={t('正在读取')} />;
  const { standing, wording } = data;
  return (
    <>
      <h1>{t('授权管理')}</h1>
      <p>
        <Link to="/me/code">{t('医院给了授权码？在这里输入')}</Link>
      </p>
      <section className="card">
        <h2>{wording.titleZh}</h2>
        <p>
          <span className="tag">{t(STANDING_WORDS[standing])}</span> {t(LEVEL_WORDS[data.level])}
        </p>
        {standing === 'not-recorded' && (
          <p className="soft">{t('各地规定不同：有的地区，医院要先征得您同意。')}</p>
        )}
        <Layered text={wording.treatment} />
        {data.needsGuardian && <p className="note">{t('不满十四周岁，由父母或监护人决定。')}</p>}
        <Acts
          kinds={standing === 'consented' ? ['withdrawn', 'denied'] : ['consented', 'denied']}
          scope={{}}
          wording={wording}
        />
      </section>
      <Given overview={data} />
      <TakenBack overview={data} />
      <Hospitals overview={data} />
      {data.classes.map(({ code, text, standing: counts }) => (
        <section className="card" key={code}>
          <h2>
            {text.zh} <span className="tag">{t(STANDING_WORDS[counts])}</span>
          </h2>
          <Layered
            text={{
              lineZh: wording.restricted.lineZh.replace('{class}', text.zh),
              detailsZh: wording.restricted.detailsZh,
              fullZh: wording.restricted.fullZh.map((each) => each.replace('{class}', text.zh)),
            }}
          />
          <Acts
            kinds={counts === 'consented' ? ['withdrawn'] : ['consented']}
            scope={{ recordClass: code }}
            about={{ classZh: text.zh }}
            wording={wording}
          />
        </section>
      ))}
      <Log acts={data.acts} />
    </>
  );
};
