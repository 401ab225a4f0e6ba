import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import Button from 'antd-mobile/es/components/button';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ALL_HOSPITALS, consentEffect } from '../consent-effect.ts';
import { call } from '../kit/calls.ts';
import type { RecordedConsent } from '../wire/consent.ts';
import type { CodedRequestAnswer, TypedDecision } from '../wire/consent-code.ts';
import { timeText } from '../words.ts';
import { type ConsentDecision, DECISION_WORDS, Layered, LEVEL_WORDS } from './consent-words.tsx';
import { requestKey } from './own.tsx';
import { NotDone } from './states.tsx';

type Relation = NonNullable<CodedRequestAnswer['relation']>;
type Scope = TypedDecision['decision']['scope'];

/** What was typed, kept for the decision: it is good for the same account until then. */
interface Typed {
  readonly code: string;
  readonly patientName?: string;
}

const RELATIONS: readonly (readonly [Relation, string])[] = [
  ['parent', '父母'],
  ['guardian', '监护人'],
  ['spouse', '配偶'],
  ['child', '子女'],
  ['sibling', '兄弟姐妹'],
  ['other', '其他亲属'],
];

const SCOPES: readonly (readonly [Scope, string])[] = [
  ['own-institution', '仅{hospital}，直至撤回'],
  ['visit', '仅{hospital}，24 小时'],
  ['all', '所有为患者看病的医院，直至撤回'],
];

const CodeForm = ({ open }: { readonly open: (typed: Typed, request: CodedRequestAnswer) => void }) => {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [patientName, setPatientName] = useState('');
  const asking = useMutation({
    mutationFn: async () => {
      const name = patientName.trim();
      const typed: Typed = { code, ...(name === '' ? {} : { patientName: name }) };
      return { typed, request: await call<CodedRequestAnswer>('/api/own/consent-codes', { body: typed }) };
    },
    onSuccess: ({ typed, request }) => open(typed, request),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    asking.mutate();
  };
  return (
    <form className="card" onSubmit={send} autoComplete="off">
      <p>{t('医院屏幕上二维码旁边的 8 位数字。不想扫码或扫不了，就在这里输入。')}</p>
      <p className="field">
        <label htmlFor="code">{t('授权码')}</label>
        <input
          id="code"
          className="digits"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={16}
          required
          pattern="[\s\-]*([0-9０-９][\s\-]*){8}"
          title={t('8 位数字')}
          value={code}
          onChange={({ target }) => setCode(target.value)}
        />
      </p>
      <p className="field">
        <label htmlFor="patient-name">{t('患者姓名（为家人决定时填写，本人不填）')}</label>
        <input
          id="patient-name"
          maxLength={100}
          value={patientName}
          onChange={({ target }) => setPatientName(target.value)}
        />
      </p>
      {asking.error && <NotDone error={asking.error} />}
      <Button block color="primary" type="submit" loading={asking.isPending}>
        {t('查看请求')}
      </Button>
    </form>
  );
};

/** The request, in the same layers as by the QR code; a decision says first what follows from it. */
const Request = ({
  typed,
  request,
  done,
}: {
  readonly typed: Typed;
  readonly request: CodedRequestAnswer;
  readonly done: (recorded: RecordedConsent) => void;
}) => {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { wording, institutionZh, needsGuardian } = request;
  const relations = RELATIONS.filter(
    ([relation]) => !needsGuardian || relation === 'parent' || relation === 'guardian',
  );
  const [relation, setRelation] = useState<Relation>(relations[0]?.[0] ?? 'parent');
  const [scope, setScope] = useState<Scope>('own-institution');
  // The same decision sent again, after a weak network, is the same act.
  const [chosen, setChosen] = useState<{ readonly kind: ConsentDecision; readonly key: string } | null>(null);
  const choose = (kind: ConsentDecision) => setChosen({ kind, key: requestKey() });
  const deciding = useMutation({
    mutationFn: ({ kind, key }: NonNullable<typeof chosen>) =>
      call<RecordedConsent>('/api/own/consent-codes/decision', {
        body: { ...typed, decision: { kind, scope, ...(request.relation === null ? { relation } : {}) } },
        headers: { 'idempotency-key': key },
      }),
    onSuccess: async (recorded) => {
      await queries.invalidateQueries({ queryKey: ['consents'] });
      done(recorded);
    },
  });
  return (
    <section className="card">
      <h2>{wording.titleZh}</h2>
      <p>
        {institutionZh} · {t('患者')} {request.patientZh}
      </p>
      <Layered text={wording.treatment} />
      <p className="note">{t(LEVEL_WORDS[request.level])}</p>
      {needsGuardian && <p className="note">{t('不满十四周岁，由父母或监护人决定。')}</p>}
      {chosen === null ? (
        <>
          {request.relation === null && (
            <p className="field">
              <label htmlFor="relation">{t('我是患者的')}</label>
              <select
                id="relation"
                value={relation}
                onChange={({ target }) => setRelation(target.value as Relation)}
              >
                {relations.map(([code, words]) => (
                  <option key={code} value={code}>
                    {t(words)}
                  </option>
                ))}
              </select>
            </p>
          )}
          <fieldset>
            <legend>{t('给谁看')}</legend>
            {SCOPES.map(([each, words]) => (
              <label key={each}>
                <input type="radio" name="scope" checked={each === scope} onChange={() => setScope(each)} />
                <span>{t(words, { hospital: institutionZh })}</span>
              </label>
            ))}
          </fieldset>
          <p className="acts">
            <Button color="primary" onClick={() => choose('consented')}>
              {t(DECISION_WORDS.consented)}
            </Button>
            <Button onClick={() => choose('denied')}>{t(DECISION_WORDS.denied)}</Button>
            <Button onClick={() => choose('withdrawn')}>{t(DECISION_WORDS.withdrawn)}</Button>
          </p>
          <p className="soft">
            {t('{time} 前有效，只能决定一次。不同意不影响就诊。', { time: timeText(request.expiresAt) })}
          </p>
        </>
      ) : (
        <div role="group" aria-label={t('请确认')}>
          <p className="note">{consentEffect(wording, chosen.kind, ALL_HOSPITALS)}</p>
          {deciding.error && <NotDone error={deciding.error} />}
          <p className="acts">
            <Button color="primary" loading={deciding.isPending} onClick={() => deciding.mutate(chosen)}>
              {t('确认{act}', { act: t(DECISION_WORDS[chosen.kind]) })}
            </Button>
            <Button onClick={() => setChosen(null)}>{t('再想想')}</Button>
          </p>
        </div>
      )}
    </section>
  );
};

/** 输入授权码: for whoever does not scan; the same request and the same words as by the QR code. */
export const CodePage = () => {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<{
    readonly typed: Typed;
    readonly request: CodedRequestAnswer;
  } | null>(null);
  const [recorded, setRecorded] = useState<RecordedConsent | null>(null);
  return (
    <>
      <h1>{t('输入授权码')}</h1>
      {recorded ? (
        <section className="card">
          <p role="status">
            <b>{t('已记录。')}</b>
            {recorded.effectZh}
          </p>
          <p>
            <Link to="/me/consent">{t('授权管理')}</Link>
          </p>
        </section>
      ) : opened ? (
        <Request {...opened} done={setRecorded} />
      ) : (
        <CodeForm open={(typed, request) => setOpened({ typed, request })} />
      )}
    </>
  );
};
