import type { Condition } from './person.ts';

/** One wording of an examination report. `{side}` stands for 左 or 右. */
export interface ReportWording {
  readonly findings: string;
  readonly impression: string;
}

/** An examination the region's radiology, ultrasound and ECG rooms offer. */
export interface Examination {
  /** Catalogue item. */
  readonly item: string;
  /** Local short name, without side. */
  readonly nameZh: string;
  /** DICOM modality. */
  readonly modality: 'DX' | 'CT' | 'MR' | 'US' | 'ECG' | 'MG';
  readonly bodyPartZh: string;
  readonly hasSide: boolean;
  readonly normal: readonly ReportWording[];
  readonly abnormal: readonly ReportWording[];
}

const examination = (
  item: string,
  nameZh: string,
  modality: Examination['modality'],
  bodyPartZh: string,
  normal: readonly ReportWording[],
  abnormal: readonly ReportWording[],
  hasSide = false,
): Examination => ({ item, nameZh, modality, bodyPartZh, hasSide, normal, abnormal });

const says = (findings: string, impression: string): ReportWording => ({ findings, impression });

const HEART_CLEAR = '心影大小、形态未见明显异常。双侧膈面光整，肋膈角锐利。';

/** The examinations by item. */
export const EXAMINATIONS: readonly Examination[] = [
  examination(
    'XR-CHEST-PA',
    '胸部正位',
    'DX',
    '胸部',
    [
      says(
        `胸廓对称，双肺纹理清晰，走行自然，肺野内未见明确实质性病变。双肺门影不大。${HEART_CLEAR}`,
        '心肺膈未见明显异常。',
      ),
    ],
    [
      says(
        `双肺纹理增多、增粗，右下肺野可见斑片状模糊影，边界欠清。双肺门影不大。${HEART_CLEAR}`,
        '右下肺斑片影，考虑炎症，建议治疗后复查。',
      ),
      says(`双肺纹理增多、紊乱，双下肺为著，未见明确实变影。${HEART_CLEAR}`, '支气管炎表现，请结合临床。'),
      says(
        '胸廓对称，左上肺野见结节状高密度影，边缘光整，直径约6mm。主动脉弓钙化，心影增大呈主动脉型。',
        '1.左上肺钙化灶。2.主动脉硬化，主动脉型心脏。',
      ),
    ],
  ),
  examination(
    'XR-CHEST-2V',
    '胸部正侧位',
    'DX',
    '胸部',
    [
      says(
        `胸廓对称，双肺野清晰，侧位片前后肋膈角清晰，未见胸腔积液征象。${HEART_CLEAR}`,
        '胸部正侧位片未见明显异常。',
      ),
    ],
    [
      says(
        '左下肺野见片状密度增高影，侧位片重叠于心影后方，左侧肋膈角变钝。',
        '左下肺炎症，左侧少量胸腔积液可能。',
      ),
    ],
  ),
  examination(
    'XR-KNEE',
    '膝关节正侧位',
    'DX',
    '膝关节',
    [
      says(
        '{side}膝关节诸骨骨质完整，骨小梁清晰，关节间隙未见变窄，周围软组织未见肿胀。',
        '{side}膝关节未见明显骨质异常。',
      ),
    ],
    [
      says(
        '{side}膝关节胫骨平台边缘及髌骨上下缘骨质增生变尖，内侧关节间隙变窄，髁间隆突变尖。',
        '{side}膝关节退行性改变。',
      ),
    ],
    true,
  ),
  examination(
    'XR-ANK',
    '踝关节正侧位',
    'DX',
    '踝关节',
    [says('{side}踝关节诸骨未见明确骨折及脱位征象，关节间隙正常。', '{side}踝关节未见明显骨折征象。')],
    [says('{side}外踝皮质不连续，见斜行透亮线，断端对位对线可，周围软组织肿胀。', '{side}外踝骨折。')],
    true,
  ),
  examination(
    'XR-HAND',
    '手正斜位',
    'DX',
    '手',
    [says('{side}手诸骨骨质结构完整，关节间隙存在，未见骨折及脱位。', '{side}手未见明显异常。')],
    [
      says(
        '{side}手多个近侧指间关节间隙变窄，关节面毛糙，周围软组织梭形肿胀。',
        '{side}手小关节炎性改变，请结合类风湿相关检查。',
      ),
    ],
    true,
  ),
  examination(
    'XR-LS',
    '腰椎正侧位',
    'DX',
    '腰椎',
    [
      says(
        '腰椎序列正常，生理曲度存在，各椎体形态、密度未见异常，椎间隙未见变窄。',
        '腰椎正侧位片未见明显异常。',
      ),
    ],
    [
      says(
        '腰椎生理曲度变直，L3-L5椎体边缘骨质增生，L4/5、L5/S1椎间隙变窄。',
        '腰椎退行性变，L4/5、L5/S1椎间盘病变可能，必要时进一步检查。',
      ),
    ],
  ),
  examination(
    'XR-CS',
    '颈椎正侧位',
    'DX',
    '颈椎',
    [says('颈椎序列整齐，生理曲度存在，椎间隙未见变窄，项韧带未见钙化。', '颈椎未见明显异常。')],
    [says('颈椎生理曲度变直，C5、C6椎体前缘骨质增生，C5/6椎间隙变窄。', '颈椎退行性变。')],
  ),
  examination(
    'CT-HEAD-P',
    '颅脑平扫',
    'CT',
    '颅脑',
    [
      says(
        '双侧大脑半球对称，脑实质内未见异常密度影，脑室系统大小、形态正常，中线结构居中。',
        '颅脑CT平扫未见明显异常。',
      ),
    ],
    [
      says(
        '双侧基底节区见多发斑点状低密度影，边界欠清。脑室系统扩大，脑沟、脑裂增宽，中线结构居中。',
        '1.双侧基底节区腔隙性脑梗死。2.老年性脑改变。',
      ),
      says('左侧额颞部颅板下见新月形稍高密度影，邻近脑沟变浅，中线结构略右移。', '左侧额颞部硬膜下血肿。'),
    ],
  ),
  examination(
    'CT-CHEST-P',
    '胸部平扫',
    'CT',
    '胸部',
    [
      says(
        '胸廓对称，双肺纹理清晰，肺实质内未见异常密度影。气管、支气管通畅，纵隔内未见肿大淋巴结，双侧胸腔未见积液。',
        '胸部CT平扫未见明显异常。',
      ),
    ],
    [
      says(
        '右肺上叶尖段见磨玻璃结节，大小约7mm×6mm，边界尚清。余肺野清晰，纵隔淋巴结不大。',
        '右肺上叶磨玻璃结节，建议3～6个月复查。',
      ),
      says(
        '双肺下叶见多发斑片状、条索状高密度影，部分实变，内见支气管充气征。纵隔内见小淋巴结。',
        '双肺下叶炎症，建议治疗后复查。',
      ),
      says(
        '双肺透亮度增高，见多发小囊状透亮影，双肺散在纤维条索影。冠状动脉走行区见钙化。',
        '1.双肺肺气肿，散在慢性炎症。2.冠状动脉钙化。',
      ),
    ],
  ),
  examination(
    'CT-CHEST-LD',
    '胸部低剂量',
    'CT',
    '胸部',
    [says('双肺纹理清晰，肺野内未见明确结节及实变影，气管及主支气管通畅。', '胸部低剂量CT未见明显异常。')],
    [says('左肺下叶背段胸膜下见实性小结节，直径约4mm，边界清楚。', '左肺下叶微小结节，年度复查。')],
  ),
  examination(
    'CT-ABD-P',
    '上腹部平扫',
    'CT',
    '腹部',
    [
      says(
        '肝脏大小、形态正常，实质密度均匀。胆囊不大，壁不厚。胰腺、脾脏及双肾未见异常密度影，腹膜后未见肿大淋巴结。',
        '上腹部CT平扫未见明显异常。',
      ),
    ],
    [
      says(
        '肝实质密度弥漫性减低，低于脾脏密度。胆囊内见结节状高密度影，直径约9mm。胰腺、脾脏未见异常。',
        '1.脂肪肝。2.胆囊结石。',
      ),
      says('肝右叶见类圆形低密度影，直径约18mm，边界清楚，CT值约8HU。', '肝囊肿。'),
    ],
  ),
  examination(
    'CT-ABD-PC',
    '上腹部平扫+增强',
    'CT',
    '腹部',
    [
      says(
        '肝脏形态规则，增强各期未见异常强化灶。胆胰脾肾未见异常，腹膜后未见肿大淋巴结。',
        '上腹部CT增强扫描未见明显异常。',
      ),
    ],
    [
      says(
        '肝左叶见低密度结节，动脉期边缘结节状强化，门脉期及延迟期逐渐向中心填充，大小约23mm×20mm。',
        '肝左叶血管瘤。',
      ),
    ],
  ),
  examination(
    'CT-LS-P',
    '腰椎间盘',
    'CT',
    '腰椎',
    [says('所扫各椎间盘未见明显突出，硬膜囊无受压，黄韧带不厚。', '腰椎间盘CT未见明显异常。')],
    [
      says(
        'L4/5椎间盘向后突出约5mm，硬膜囊受压，双侧隐窝变窄。L5/S1椎间盘轻度膨出。',
        'L4/5椎间盘突出，L5/S1椎间盘膨出。',
      ),
    ],
  ),
  examination(
    'MR-BRAIN-P',
    '颅脑平扫',
    'MR',
    '颅脑',
    [
      says(
        '脑实质内未见异常信号影，脑室系统不大，中线结构居中，DWI未见弥散受限。',
        '颅脑MR平扫未见明显异常。',
      ),
    ],
    [
      says(
        '双侧侧脑室旁及半卵圆中心见多发斑点状T2WI、FLAIR高信号，DWI未见明显高信号。',
        '双侧脑白质多发缺血灶（Fazekas 1级）。',
      ),
    ],
  ),
  examination(
    'MR-LS-P',
    '腰椎平扫',
    'MR',
    '腰椎',
    [
      says(
        '腰椎序列正常，各椎体信号均匀，椎间盘未见明显突出，脊髓圆锥位置正常。',
        '腰椎MR平扫未见明显异常。',
      ),
    ],
    [
      says(
        'L4/5、L5/S1椎间盘T2WI信号减低，L5/S1椎间盘向左后突出，左侧神经根受压。',
        'L5/S1椎间盘突出（左旁中央型），腰椎退行性变。',
      ),
    ],
  ),
  examination(
    'MR-CS-P',
    '颈椎平扫',
    'MR',
    '颈椎',
    [says('颈椎曲度存在，椎间盘信号未见异常，颈髓未见异常信号。', '颈椎MR平扫未见明显异常。')],
    [says('C4/5、C5/6椎间盘向后突出，硬膜囊前缘受压，颈髓信号未见异常。', 'C4/5、C5/6椎间盘突出。')],
  ),
  examination(
    'MR-KNEE-P',
    '膝关节平扫',
    'MR',
    '膝关节',
    [
      says(
        '{side}膝关节诸骨骨质信号未见异常，内外侧半月板形态规则，前后交叉韧带连续，关节腔内少许生理性积液。',
        '{side}膝关节MR平扫未见明显异常。',
      ),
    ],
    [
      says(
        '{side}膝内侧半月板后角见线状高信号达关节面，前交叉韧带连续，髌上囊及关节腔积液。',
        '1.{side}膝内侧半月板后角损伤（Ⅲ级）。2.关节积液。',
      ),
    ],
    true,
  ),
  examination(
    'US-ABD',
    '肝胆胰脾',
    'US',
    '腹部',
    [
      says(
        '肝脏形态大小正常，包膜光滑，实质回声均匀，管道结构清晰。胆囊大小正常，壁不厚，腔内透声好。胰腺、脾脏未见异常回声。',
        '肝胆胰脾声像图未见明显异常。',
      ),
    ],
    [
      says(
        '肝脏形态饱满，实质回声细密增强，后方回声衰减，肝内管道显示欠清。胆囊壁毛糙，胰脾未见异常。',
        '1.脂肪肝（中度）。2.胆囊壁毛糙。',
      ),
      says(
        '肝实质回声增粗，分布欠均匀。胆囊腔内见数个强回声团伴声影，较大者约11mm。脾不大。',
        '1.肝实质回声增粗，请结合肝功能。2.胆囊多发结石。',
      ),
    ],
  ),
  examination(
    'US-URO',
    '泌尿系',
    'US',
    '泌尿系',
    [
      says(
        '双肾大小、形态正常，集合系统未见分离。双侧输尿管未见扩张，膀胱充盈好，壁光滑。',
        '双肾、输尿管、膀胱声像图未见明显异常。',
      ),
    ],
    [says('右肾下盏见强回声光斑，大小约5mm，后伴声影。左肾未见异常，膀胱内未见异常回声。', '右肾小结石。')],
  ),
  examination(
    'US-THY',
    '甲状腺',
    'US',
    '甲状腺',
    [
      says(
        '甲状腺左右叶大小正常，包膜完整，实质回声均匀，CDFI血流信号未见异常。',
        '甲状腺声像图未见明显异常。',
      ),
    ],
    [
      says(
        '甲状腺右叶中部见低回声结节，大小约8mm×6mm，边界清，形态规则，纵横比<1，未见钙化。',
        '甲状腺右叶结节（C-TIRADS 3类）。',
      ),
      says(
        '甲状腺弥漫性肿大，实质回声减低、不均匀，CDFI示血流信号丰富。',
        '甲状腺弥漫性病变，请结合甲状腺功能。',
      ),
    ],
  ),
  examination(
    'US-BRE',
    '乳腺',
    'US',
    '乳腺',
    [
      says(
        '双侧乳腺腺体层次清晰，回声均匀，导管未见扩张，腋窝未见肿大淋巴结。',
        '双侧乳腺未见明显异常（BI-RADS 1类）。',
      ),
    ],
    [
      says(
        '左乳外上象限见低回声结节，大小约9mm×5mm，边界清，平行生长，未见血流信号。',
        '左乳结节，考虑良性（BI-RADS 3类），建议6个月复查。',
      ),
    ],
  ),
  examination(
    'US-PEL',
    '子宫附件',
    'US',
    '盆腔',
    [
      says(
        '子宫前位，大小形态正常，肌层回声均匀，内膜厚约8mm。双侧附件区未见异常回声。',
        '子宫附件声像图未见明显异常。',
      ),
    ],
    [says('子宫增大，肌壁间见低回声结节，较大者约26mm×22mm，边界清。', '子宫肌瘤。')],
  ),
  examination(
    'US-OB',
    '产科',
    'US',
    '胎儿',
    [
      says(
        '宫内单活胎，胎心率约148次/分，胎盘位于后壁，成熟度0级，羊水最大深度约48mm。',
        '宫内妊娠，单活胎，大小与停经周数相符。',
      ),
    ],
    [says('宫内单活胎，胎盘下缘距宫颈内口约12mm，羊水最大深度约52mm。', '单活胎，胎盘低置状态，建议复查。')],
  ),
  examination(
    'US-CAR',
    '颈动脉',
    'US',
    '颈动脉',
    [says('双侧颈总动脉、颈内动脉管径正常，内膜光滑，血流充盈好，流速正常。', '双侧颈动脉未见明显异常。')],
    [
      says(
        '双侧颈动脉内-中膜增厚，右侧分叉处见等回声斑块，大小约12mm×2.4mm，管腔未见明显狭窄。',
        '双侧颈动脉硬化伴右侧斑块形成。',
      ),
    ],
  ),
  examination(
    'US-TTE',
    '心脏彩超',
    'US',
    '心脏',
    [
      says(
        '各房室腔大小正常，室壁厚度及运动未见异常，瓣膜形态活动正常，LVEF 64%。',
        '心脏结构及功能未见明显异常。',
      ),
    ],
    [
      says(
        '左房增大，左室壁增厚，二尖瓣见少量反流信号，舒张功能减低，LVEF 58%。',
        '1.左房增大，左室壁增厚。2.二尖瓣轻度反流，左室舒张功能减低。',
      ),
    ],
  ),
  examination(
    'XR-MG',
    '乳腺钼靶',
    'MG',
    '乳腺',
    [says('双侧乳腺呈散在纤维腺体型，未见明确肿块及可疑钙化，腋前淋巴结不大。', '双侧乳腺BI-RADS 1类。')],
    [
      says(
        '右乳外上象限见局限性不对称致密，边缘模糊，未见恶性钙化。',
        '右乳局限性不对称，BI-RADS 3类，建议短期随访。',
      ),
    ],
  ),
  examination(
    'EC-12',
    '常规心电图',
    'ECG',
    '心脏',
    [
      says(
        '窦性心律，心率72次/分，PR间期158ms，QRS时限92ms，QTc 412ms，ST-T未见异常。',
        '窦性心律，正常心电图。',
      ),
    ],
    [
      says('窦性心律，心率88次/分，V4-V6导联ST段下移0.05mV，T波低平。', '窦性心律，ST-T改变。'),
      says('P波消失，代之以大小不等的f波，心室率约96次/分，RR间期绝对不等。', '心房颤动。'),
    ],
  ),
  examination(
    'EC-HOLT24',
    '动态心电图',
    'ECG',
    '心脏',
    [
      says(
        '窦性心律，全程平均心率74次/分，房性早搏12次，未见室性早搏及ST段异常改变。',
        '24小时动态心电图大致正常。',
      ),
    ],
    [says('窦性心律，室性早搏1862次，呈多源性，部分成对，未见持续性心动过速。', '频发室性早搏。')],
  ),
];

/** An examination by catalogue item. */
export const EXAMINATION_BY_ITEM: ReadonlyMap<string, Examination> = new Map(
  EXAMINATIONS.map((examination_) => [examination_.item, examination_]),
);

/** Chance that the examination finds something, given what the person has. */
export const abnormalChance = (item: string, conditions: readonly (Condition | 'infection')[]): number => {
  const has = (condition: Condition | 'infection'): boolean => conditions.includes(condition);
  if (/^XR-CHEST|^CT-CHEST/.test(item)) return has('infection') ? 0.8 : has('tumour') ? 0.6 : 0.25;
  if (/KNEE/.test(item)) return has('knee') ? 0.85 : 0.3;
  if (/-LS|-CS/.test(item)) return has('spine') ? 0.85 : 0.35;
  if (item === 'US-THY')
    return has('thyroid-nodule') || has('hyperthyroid') || has('hypothyroid') ? 0.9 : 0.2;
  if (/^EC-|US-TTE|US-CAR/.test(item)) return has('coronary') || has('hypertension') ? 0.6 : 0.15;
  if (/ABD/.test(item)) return has('hepatitis-b') || has('hyperlipidaemia') ? 0.6 : 0.3;
  return 0.25;
};

const CONSORTIUM_SMALL = ['XR-CHEST-PA', 'US-ABD', 'EC-12'];
const MIDDLE = EXAMINATIONS.map(({ item }) => item).filter(
  (item) => !['MR-KNEE-P', 'MR-CS-P', 'CT-ABD-PC', 'XR-MG'].includes(item),
);
const ALL = EXAMINATIONS.map(({ item }) => item);

/** Which examinations each institution offers. */
export const EXAMINATION_ROOMS: Readonly<Record<string, readonly string[]>> = {
  'YX-COUNTY': [...MIDDLE, 'MR-KNEE-P'],
  'YX-TCM': MIDDLE.filter((item) => !item.startsWith('MR-') && item !== 'US-OB'),
  // A 16-row scanner, whose slices are thick.
  'YX-QINGSHI': [...CONSORTIUM_SMALL, 'CT-CHEST-P'],
  'YX-BAIMA': ['EC-12', 'US-ABD'],
  'WX-CENTRAL': ALL,
  'WX-SECOND': ALL.filter((item) => item !== 'XR-MG'),
  'WX-MCH': [
    'XR-CHEST-PA',
    'XR-CHEST-2V',
    'XR-MG',
    'US-ABD',
    'US-URO',
    'US-THY',
    'US-BRE',
    'US-PEL',
    'US-OB',
    'US-TTE',
    'EC-12',
  ],
  'WX-LAB': [],
  'WX-IMAGING': ALL.filter((item) => !item.startsWith('EC-')),
  'QL-FIRST': ALL,
  'QL-TCM': MIDDLE,
  'QL-DONGHU': CONSORTIUM_SMALL,
  'QL-MILITARY': ALL,
  'HQ-PROVINCIAL': ALL,
};
