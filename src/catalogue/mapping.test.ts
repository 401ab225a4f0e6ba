import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import aliasTable from '../../data/item-aliases.json' with { type: 'json' };
import { draftCatalogue, readDraftCatalogue } from './draft.ts';
import { suggestItems } from './mapping.ts';

const read = readDraftCatalogue(
  readFileSync(new URL('../../data/catalogue-draft.csv', import.meta.url), 'utf8'),
);
if (!read.ok) throw new Error('the draft does not load');
const catalogue = draftCatalogue(read.value);

/** Local codes as hospitals carry them: local code, local name, unit, specimen, and the item that is meant. */
const TABLE: readonly (readonly [
  code: string,
  name: string,
  unit: string,
  specimen: string,
  meant: string,
])[] = [
  ['0101', '谷丙转氨酶', 'U/L', '血清', 'LC-ALT'],
  ['1002', '血清丙氨酸氨基转移酶测定', 'IU/L', '血清', 'LC-ALT'],
  ['GPT', 'GPT', 'U/L', '', 'LC-ALT'],
  ['ALT', '丙氨酸氨基转移酶(ALT)', 'U/L', '', 'LC-ALT'],
  ['AST', '天冬氨酸氨基转移酶', 'U/L', '', 'LC-AST'],
  ['AKP', '血清碱性磷酸酶', 'U/L', '', 'LC-ALP'],
  ['rGT', 'r-谷氨酰转肽酶', 'U/L', '', 'LC-GGT'],
  ['GLU', '血糖(空腹)', 'mmol/L', '血清', 'LC-FPG'],
  ['XT', '葡萄糖(GLU)', 'mmol/L', '', 'LC-GLU'],
  ['PBG', '餐后2小时葡萄糖', 'mmol/L', '', 'LC-OGTT2H'],
  ['3301', '乙肝表面抗原定量', 'IU/mL', '血清', 'LI-HBSAGQ'],
  ['3302', '乙型肝炎病毒表面抗原(HBsAg)', '', '血清', 'LI-HBSAG'],
  ['3303', '乙肝表面抗体(抗-HBs)', 'mIU/mL', '', 'LI-HBSAB'],
  ['3304', '乙型肝炎e抗体', '', '', 'LI-HBEAB'],
  ['HCV', '丙型肝炎病毒抗体检测', 'S/CO', '', 'LI-HCVAB'],
  ['HIV', '人免疫缺陷病毒抗体(初筛)', 'S/CO', '', 'LI-HIV'],
  ['TP-Ab', '梅毒螺旋体抗体', 'S/CO', '', 'LI-TPAB'],
  ['CREA', '血肌酐', 'μmol/L', '', 'LC-CREA'],
  ['UCR', '尿肌酐', 'mmol/L', '尿液', 'LU-CREA'],
  ['BUN', '尿素氮', 'mmol/L', '血清', 'LC-UREA'],
  ['UA', '血尿酸', 'umol/L', '', 'LC-UA'],
  ['CysC', '血清胱抑素C(CysC)', 'mg/L', '', 'LC-CYSC'],
  ['T-CHO', '血清总胆固醇', 'mmol/L', '', 'LC-TC'],
  ['GYSZ', '甘油三脂', 'mmol/L', '', 'LC-TG'],
  ['HDL', '高密度脂蛋白胆固醇(直接法)', 'mmol/L', '', 'LC-HDL'],
  ['zdhs', '总胆红素', 'μmol/L', '', 'LC-TBIL'],
  ['DBIL', '结合胆红素', 'μmol/L', '', 'LC-DBIL'],
  ['CRP1', '超敏C-反应蛋白', 'mg/L', '', 'LC-HSCRP'],
  ['CRP', 'C反应蛋白(CRP)', 'mg/L', '全血', 'LC-CRP'],
  ['HBA1C', '糖化血红蛋白(HbA1c)', '%', '全血', 'LC-HBA1C'],
  ['cTnI', '超敏肌钙蛋白I', 'ng/L', '', 'LC-HSTNI'],
  ['BNP2', 'N端-B型钠尿肽前体(NT-proBNP)', 'pg/mL', '', 'LC-NTBNP'],
  ['W', '白细胞计数(WBC)', '10^9/L', '全血', 'LH-WBC'],
  ['N%', '中性粒细胞百分比(NEUT%)', '%', '', 'LH-NEUTP'],
  ['N#', '中性粒细胞绝对数(NEUT#)', '×10⁹/L', '', 'LH-NEUTN'],
  ['L%', '淋巴细胞百分率', '%', '', 'LH-LYMP'],
  ['EO#', '嗜酸性粒细胞绝对值', '10*9/L', '', 'LH-EOSN'],
  ['XHDB', '血红蛋白测定(HGB)', 'g/L', '', 'LH-HGB'],
  ['PLT', '血小板总数', '10^9/L', '', 'LH-PLT'],
  ['HCT', '红细胞压积', '%', '', 'LH-HCT'],
  ['ESR', '血沉(魏氏法)', 'mm/h', '', 'LH-ESR'],
  ['PT-S', '凝血酶原时间(PT)', '秒', '血浆', 'LG-PT'],
  ['INR', 'PT国际标准化比值', '', '', 'LG-INR'],
  ['DDI', 'D-二聚体定量(D-Dimer)', 'mg/L FEU', '', 'LG-DD'],
  ['FIB-C', '血浆纤维蛋白原', 'g/L', '', 'LG-FIB'],
  ['TSH', '超敏促甲状腺激素', 'uIU/mL', '', 'LI-TSH'],
  ['FT3', '游离三碘甲状腺原氨酸(FT3)', 'pmol/L', '', 'LI-FT3'],
  ['TPO', '抗甲状腺过氧化物酶抗体', 'IU/mL', '', 'LI-TPOAB'],
  ['CA19-9', '糖类抗原19-9', 'U/mL', '', 'LI-CA199'],
  ['PSA', '总前列腺特异抗原(tPSA)', 'ng/mL', '', 'LI-TPSA'],
  ['HCG', '血清人绒毛膜促性腺激素β亚单位', 'mIU/mL', '血清', 'LI-BHCG'],
  ['AMH', '抗苗勒氏管激素', 'ng/mL', '', 'LI-AMH'],
  ['PRO', '蛋白质(尿)', '', '尿', 'LU-PRO'],
  ['NBDB', '尿蛋白', '', '尿液', 'LU-PRO'],
  ['RBC-U', '尿红细胞(镜检)', '/HPF', '尿液', 'LU-SRBC'],
  ['ACR', '尿微量白蛋白/尿肌酐', 'mg/g', '随机尿', 'LU-ACR'],
  ['HBVDNA', '乙型肝炎病毒核酸定量', 'IU/mL', '', 'LX-HBVDNA'],
  ['FOB', '大便潜血', '', '大便', 'LU-FOB'],
  ['TPY', '痰培养+药敏', '', '痰', 'LM-SCUL'],
  ['DR01', '胸部正位片', '', '', 'XR-CHEST-PA'],
  ['CT03', '胸部CT平扫(64排)', '', '', 'CT-CHEST-P'],
  ['CT01', '头颅CT平扫', '', '', 'CT-HEAD-P'],
  ['CT02', '头颅CT平扫加增强', '', '', 'CT-HEAD-PC'],
  ['MR07', '左膝关节核磁平扫', '', '', 'MR-KNEE-P'],
  ['MR02', '腰椎MRI平扫', '', '', 'MR-LS-P'],
  ['US01', '肝胆胰脾彩超', '', '', 'US-ABD'],
  ['US05', '甲状腺彩色多普勒超声检查', '', '', 'US-THY'],
  ['ECG', '十二通道常规心电图检查', '', '', 'EC-12'],
  ['CS7', '肝胆脾胰彩超检查', '', '', 'US-ABD'],
];

/**
 * Names written after the aliases and weights were fixed: name, unit, item meant. On first sight 27 of the 30 came first
 * and 28 among the first three; since then only a slip with names of one character (血清铁) has been mended.
 */
const HELD_OUT: readonly (readonly [name: string, unit: string, meant: string])[] = [
  ['血清γ谷氨酰基转移酶', 'U/L', 'LC-GGT'],
  ['α-羟基丁酸脱氢酶', 'U/L', 'LC-HBDH'],
  ['血清前白蛋白测定', 'mg/L', 'LC-PA'],
  ['血清总胆汁酸测定', 'μmol/L', 'LC-TBA'],
  ['肾小球滤过率估算值', 'ml/min/1.73m2', 'LC-EGFR'],
  ['红细胞分布宽度-SD', 'fL', 'LH-RDWSD'],
  ['血小板平均容积', 'fL', 'LH-MPV'],
  ['单核细胞绝对值(MON#)', '10^9/L', 'LH-MONN'],
  ['嗜碱性粒细胞百分数', '%', 'LH-BASP'],
  ['凝血酶原活动度(PTA)', '%', 'LG-PTA'],
  ['抗凝血酶Ⅲ活性', '%', 'LG-AT3'],
  ['纤维蛋白(原)降解产物测定', 'μg/mL', 'LG-FDP'],
  ['血清促卵泡生成激素', 'mIU/mL', 'LI-FSH'],
  ['垂体催乳素', 'ng/mL', 'LI-PRL'],
  ['25羟基维生素D', 'ng/mL', 'LC-VITD'],
  ['抗核抗体(ANA)测定', '', 'LI-ANA'],
  ['免疫球蛋白G测定', 'g/L', 'LI-IGG'],
  ['尿液隐血试验', '', 'LU-BLD'],
  ['尿酮体定性', '', 'LU-KET'],
  ['右肩关节磁共振平扫', '', 'MR-SHLD-P'],
  ['颈椎CT平扫', '', 'CT-CS-P'],
  ['冠状动脉CTA成像', '', 'CT-CCTA'],
  ['双侧乳腺彩超', '', 'US-BRE'],
  ['24小时动态心电图', '', 'EC-HOLT24'],
  ['腹部(肝胆胰脾)B超', '', 'US-ABD'],
  ['胃镜检查(普通)', '', 'EN-EGD'],
  ['肺炎支原体抗体IgM', '', 'LI-MPIGM'],
  ['新型冠状病毒核酸检测', '', 'LX-COV2'],
  ['乙肝两对半表面抗体定量', 'mIU/mL', 'LI-HBSAB'],
  ['血清铁测定', 'μmol/L', 'LC-FE'],
];

const rankOf = ([localCode, localName, unit, specimen, meant]: (typeof TABLE)[number]): number =>
  suggestItems({ localCode, localName, unit, specimen, loinc: '' }, catalogue).findIndex(
    ({ item }) => item.code === meant,
  ) + 1;

const heldOut = HELD_OUT.map(([name, unit, meant]) => ({ name, rank: rankOf(['', name, unit, '', meant]) }));

describe('suggestions for local codes', () => {
  const ranks = TABLE.map((row) => ({ name: row[1], meant: row[4], rank: rankOf(row) }));
  const share = (most: number): number =>
    ranks.filter(({ rank }) => rank > 0 && rank <= most).length / ranks.length;

  it('put the right item first for at least 90 in 100 realistic names, and among the first three for 95', () => {
    const missed = ranks.filter(({ rank }) => rank !== 1);
    expect(share(1), JSON.stringify(missed)).toBeGreaterThanOrEqual(0.9);
    expect(share(3), JSON.stringify(missed)).toBeGreaterThanOrEqual(0.95);
  });

  it('do the same for names that nobody had in mind when the aliases were written', () => {
    const within = (most: number): number =>
      heldOut.filter(({ rank }) => rank > 0 && rank <= most).length / heldOut.length;
    expect(within(1), JSON.stringify(heldOut)).toBeGreaterThanOrEqual(0.85);
    expect(within(3), JSON.stringify(heldOut)).toBeGreaterThanOrEqual(0.9);
  });

  it('take an exact LOINC code before any name', () => {
    const [first] = suggestItems(
      { localCode: 'X', localName: '未知', unit: '', specimen: '', loinc: '2823-3' },
      catalogue,
    );
    expect(first).toMatchObject({ item: { code: 'LC-K' }, why: ['loinc'] });
  });

  it('find an item by the initials of its pinyin', () => {
    const found = suggestItems(
      { localCode: 'BXBJS', localName: '', unit: '', specimen: '', loinc: '' },
      catalogue,
    );
    expect(found[0]).toMatchObject({ item: { code: 'LH-WBC' }, why: ['pinyin-initials'] });
  });

  it('let the unit tell urine protein from serum protein and the specimen tell two creatinines apart', () => {
    const creatinine = (specimen: string): string | undefined =>
      suggestItems({ localCode: '', localName: '肌酐', unit: '', specimen, loinc: '' }, catalogue)[0]?.item
        .code;
    expect(creatinine('血清')).toBe('LC-CREA');
    const urine = suggestItems(
      { localCode: '', localName: '肌酐', unit: '', specimen: '尿液', loinc: '' },
      catalogue,
    );
    expect(urine.slice(0, 3).map(({ item }) => item.code)).toContain('LU-CREA');
  });

  it('suggest nothing for what resembles nothing', () => {
    expect(
      suggestItems({ localCode: '99', localName: '挂号费', unit: '', specimen: '', loinc: '' }, catalogue),
    ).toEqual([]);
  });

  it('give the same answer each time', () => {
    const local = { localCode: 'ALT', localName: '谷丙转氨酶', unit: 'U/L', specimen: '血清', loinc: '' };
    expect(suggestItems(local, catalogue)).toEqual(suggestItems(local, catalogue));
  });
});

describe('the table of aliases', () => {
  it('names only items of the catalogue', () => {
    const codes = new Set<string>(catalogue.items.map(({ code }) => code));
    expect(Object.keys(aliasTable.aliases).filter((code) => !codes.has(code))).toEqual([]);
  });
});
