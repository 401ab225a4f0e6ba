import type { CodeMap, CodeMapEntry, ItemCode, PanelTable } from '../../catalogue/index.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { ANALYTES } from './analytes.ts';
import { DIALECTS, printedUnit } from './dialects.ts';
import { type LocalCode, localCatalogueOf } from './local-codes.ts';
import type { DemonstrationInstitution } from './region.ts';
import { type LaboratoryService, type SpecimenKind, specimenOf } from './laboratory-services.ts';

/** Services whose members cannot be ordered one by one: they come out of one run. */
const ONE_RUN: readonly LaboratoryService[] = ['CBC', 'URINE', 'COAGULATION'];

const SPECIMEN_CODES: Readonly<Record<SpecimenKind, string>> = {
  serum: 'serum',
  'edta-blood': 'edta-blood',
  'citrate-plasma': 'citrate-plasma',
  'citrate-blood': 'citrate-blood',
  urine: 'random-urine',
  sputum: 'sputum',
};

/** Units that no laboratory prints because everybody knows them. */
const UNITS_LEFT_OUT: Readonly<Record<string, string>> = { 'LU-PH': '[pH]' };

/** An institution's code map. Codes that it has not mapped yet are left out: their results wait. */
export const codeMapOf = (institution: DemonstrationInstitution): CodeMap => {
  const { analytes, examinations, panels } = localCatalogueOf(institution);
  const specimens = new Map<string, string>();
  for (const panel of panels.values())
    for (const item of panel.members) specimens.set(item, SPECIMEN_CODES[specimenOf(panel.service)]);
  const entryOf = (code: LocalCode): CodeMapEntry => {
    const analyte = ANALYTES.get(code.item);
    const unit = analyte
      ? printedUnit(DIALECTS[institution], code.item, analyte.unit, analyte.decimals).ucum
      : UNITS_LEFT_OUT[code.item];
    const specimen = specimens.get(code.item);
    return {
      localCode: code.code,
      localNameZh: code.nameZh,
      item: code.item as ItemCode,
      ...(code.side ? { side: code.side } : {}),
      ...(specimen ? { specimen } : {}),
      ...(code.methodClass ? { methodClass: code.methodClass } : {}),
      ...(unit ? { unit } : {}),
    };
  };
  return {
    institution: institution as string as InstitutionCode,
    entries: [...analytes.values(), ...examinations.values()].filter(({ mapped }) => mapped).map(entryOf),
  };
};

/** An institution's panels with their members; single members can be ordered alone where they are run alone. */
export const panelTableOf = (institution: DemonstrationInstitution): PanelTable => {
  const { analytes, panels } = localCatalogueOf(institution);
  return {
    institution: institution as string as InstitutionCode,
    panels: [...panels.values()].map(({ code, nameZh, members, service }) => ({
      localCode: code,
      nameZh,
      members: members.map((item) => ({ item: item as ItemCode, required: true })),
      singles: ONE_RUN.includes(service)
        ? {}
        : Object.fromEntries(
            members.flatMap((item) => {
              const single = analytes.get(item)?.code;
              return single === undefined ? [] : [[item, single]];
            }),
          ),
    })),
  };
};
