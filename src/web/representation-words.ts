import type { OwnRepresentation } from './wire/own-data.ts';

/** What the one who acts is to the one acted for. */
export const REPRESENTATION_RELATION_WORDS: Readonly<Record<OwnRepresentation['relation'], string>> = {
  parent: '父母',
  guardian: '监护人',
  child: '子女',
  spouse: '配偶',
  sibling: '兄弟姐妹',
  other: '其他',
};

/** On what evidence a relation was recorded. */
export const REPRESENTATION_EVIDENCE_WORDS: Readonly<Record<OwnRepresentation['evidence'], string>> = {
  'household-register': '户口簿',
  'birth-certificate': '出生医学证明',
  'guardianship-papers': '监护证明',
  'marriage-certificate': '结婚证',
  'written-authorisation': '书面授权委托书',
  'said-in-person': '本人当面授权',
};

/** Who is at the desk. */
export const PRESENT_WORDS = { self: '患者本人', representative: '家属或监护人' } as const;

/** The document that the desk saw. */
export const DOCUMENT_WORDS = {
  'id-card': '身份证',
  'social-security-card': '社会保障卡（医保卡）',
  'household-register': '户口簿',
  'birth-certificate': '出生医学证明',
  passport: '护照或通行证',
} as const;
