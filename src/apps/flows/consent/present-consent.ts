import type { ConsentRow } from '../../../adapters/postgres/consents.ts';
import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import type { Registry } from '../../../adapters/postgres/registry.ts';
import {
  type ConsentState,
  type ConsentStanding,
  consentStanding,
  disclosureLevel,
  standingAgreements,
  standingRestrictions,
} from '../../../consent/index.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { birthday, GUARDIAN_DECIDES_UNDER } from '../../../person/index.ts';
import { consentDefaultOf, type Rules, SOMEWHERE_ELSE } from '../../../recognition/index.ts';
import { consentEffect, toldKind } from '../../../web/consent-effect.ts';
import type { ConsentActAnswer, ConsentOverview, RecordedConsent } from '../../../web/wire/consent.ts';
import { institutionAnswer, momentAnswer } from '../present.ts';

/** Under which a representative's name is sealed with its act, so that it opens in no other place. */
export const representativeContext = (act: PublicId): string => `consent-representative ${act}`;

const nameOf = (keys: KeyRing, row: ConsentRow): string | null =>
  row.representative === null || row.representative_key_id === null
    ? null
    : Buffer.from(
        keys.open(
          { keyId: row.representative_key_id, bytes: row.representative },
          representativeContext(row.public_id),
        ),
      ).toString('utf8');

/** An act as every answer shows it. */
export const actAnswer = (
  row: ConsentRow,
  {
    keys,
    registry,
    rules,
    at,
  }: {
    readonly keys: KeyRing;
    readonly registry: Registry;
    readonly rules: Rules;
    readonly at: Instant;
  },
): ConsentActAnswer => {
  const institutionOf = (key: string | null): ConsentActAnswer['source'] => {
    if (key === null) return null;
    const { code, nameZh, nameEn } = institutionAnswer(
      rules,
      registry.institutionCode(key) ?? ('UNKNOWN' as InstitutionCode),
    );
    return { code, nameZh, nameEn };
  };
  const recordClass = row.record_class;
  return {
    id: row.public_id,
    kind: row.kind,
    purpose: row.purpose,
    source: institutionOf(row.source_institution_id),
    recipient: institutionOf(row.recipient_institution_id),
    recordClass: recordClass === null ? null : { code: recordClass, text: classText(recordClass, rules) },
    relation: row.relation,
    representative: nameOf(keys, row),
    way: row.way,
    wording: row.wording,
    actedAt: isoInstant(row.acted_at as Instant),
    until: momentAnswer(row.until),
    inForce: row.acted_at <= at && (row.until === null || at < row.until),
    recordedBy: {
      institution: institutionOf(row.institution_id)?.code ?? null,
      institutionZh: institutionOf(row.institution_id)?.nameZh ?? null,
      staffNumber: row.staff_number,
      witness: row.witness,
    },
    hasScan: row.scan_object !== null,
  };
};

const classText = (code: string, rules: Rules) =>
  rules.policyOf(null).restrictedClasses.find((each) => each.code === code)?.text ?? {
    zh: code,
    en: code,
  };

/** What a wording is called in an act: code and version of its list. */
export const wordingName = ({ consentWording: { code, version } }: Rules): string => `${code}.${version}`;

/** What follows from an act, in plain words. */
const effectOf = (
  { kind, source, recordClass, recipient, recordedBy }: ConsentActAnswer,
  rules: Rules,
): string => {
  const fallback = consentDefaultOf(rules.policyOf(recordedBy.institution));
  return consentEffect(wordingAnswer(rules), toldKind(kind, fallback, recordClass !== null), {
    hospitalZh: source?.nameZh ?? null,
    classZh: recordClass?.text.zh ?? null,
    readerZh: recipient?.nameZh ?? null,
  });
};

/** True for a child under fourteen: a parent or guardian acts (PIPL art. 31). Of an unknown birth date it is not claimed. */
export const isUnderFourteen = (birthDate: string | null, at: Instant): boolean => {
  const fourteenth = birthday(birthDate, GUARDIAN_DECIDES_UNDER);
  return fourteenth !== undefined && at < fourteenth;
};

/**
 * What counts, for the institution that asks; to the patient himself, of acts that name no institution.
 *
 * @param institution null for the patient
 */
const standingOf = (
  { acts, at }: ConsentState,
  institution: InstitutionCode | null,
  recordClass: string | null,
): ConsentStanding =>
  consentStanding(acts, {
    purpose: 'treatment',
    source: SOMEWHERE_ELSE,
    recipient: institution ?? SOMEWHERE_ELSE,
    recordClass,
    at,
  });

/** The words of consent as every answer carries them. */
const wordingAnswer = (rules: Rules): ConsentOverview['wording'] => {
  const { titleZh, treatment, restricted, spokenZh, effects, hospitalEffects, classEffects, signatureZh } =
    rules.consentWording.content;
  const textOf = ({ lineZh, detailsZh, fullZh }: typeof treatment) => ({
    lineZh,
    detailsZh: [...detailsZh],
    fullZh: [...fullZh],
  });
  return {
    version: wordingName(rules),
    titleZh,
    treatment: textOf(treatment),
    restricted: textOf(restricted),
    spokenZh,
    effects: { ...effects },
    hospitalEffects: hospitalEffects ? { ...hospitalEffects } : null,
    classEffects: classEffects ? { ...classEffects } : null,
    signatureZh: [...signatureZh],
  };
};

/** A person's consent as the staff of an institution, or the patient, is shown it. */
export const overviewOf = (about: {
  readonly person: PublicId;
  readonly rows: readonly ConsentRow[];
  readonly consent: ConsentState;
  readonly institution: InstitutionCode | null;
  readonly needsGuardian: boolean;
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly rules: Rules;
}): ConsentOverview => {
  const { consent, institution, rules } = about;
  const policy = rules.policyOf(institution);
  const fallback = consentDefaultOf(policy);
  const standing = standingOf(consent, institution, null);
  const hiding = new Set<string>(
    standingRestrictions(consent.acts, {
      purpose: 'treatment',
      recipient: institution,
      at: consent.at,
    }).map(({ id }) => id),
  );
  const given = new Set<string>(
    standingAgreements(consent.acts, { purpose: 'treatment', at: consent.at }).map(({ id }) => id),
  );
  const acts = about.rows.map((row) => actAnswer(row, { ...about, at: consent.at }));
  return {
    person: about.person,
    default: fallback,
    standing: standing.kind,
    level: disclosureLevel(standing, fallback, false),
    classes: policy.restrictedClasses.map(({ code, text }) => ({
      code,
      text,
      standing: standingOf(consent, institution, code).kind,
    })),
    needsGuardian: about.needsGuardian,
    acts,
    restrictions: acts.filter(({ id }) => hiding.has(id)),
    agreements: acts.filter(({ id }) => given.has(id)),
    wording: wordingAnswer(rules),
  };
};

/** A recorded act with what follows from it. */
export const recordedAnswer = (act: ConsentActAnswer, repeated: boolean, rules: Rules): RecordedConsent => ({
  act,
  repeated,
  effectZh: effectOf(act, rules),
});
