import attributes from '../../../data/dicom-attributes.json' with { type: 'json' };

const VR_BY_TAG = new Map<string, string>();
for (const [vr, groups] of Object.entries(attributes))
  for (const [group, elements] of Object.entries(groups as Record<string, string>))
    for (const element of elements.split(' ')) VR_BY_TAG.set(group + element, vr);

/** Overlay attributes stand in any even group from 6000 to 60FF (PS3.5 §7.6). */
const OVERLAY: Readonly<Record<string, string>> = {
  '0010': 'US',
  '0011': 'US',
  '0015': 'IS',
  '0022': 'LO',
  '0040': 'CS',
  '0045': 'SH',
  '0050': 'SS',
  '0051': 'US',
  '0100': 'US',
  '0102': 'US',
  '1301': 'IS',
  '1302': 'DS',
  '1303': 'DS',
  '1500': 'LO',
  '3000': 'OW',
};

/**
 * Value representation of an attribute by PS3.6, for data sets that do not write it (implicit syntax).
 *
 * @param tag eight hex digits in upper case
 * @returns `UN` for what the dictionary does not have: private and newer attributes
 */
export const vrOf = (tag: string): string => {
  const known = VR_BY_TAG.get(tag);
  if (known) return known;
  if (tag.endsWith('0000')) return 'UL';
  if (tag.startsWith('60')) return OVERLAY[tag.slice(4)] ?? 'UN';
  // Private creators (PS3.5 §7.8.1).
  if (Number.parseInt(tag.slice(0, 4), 16) % 2 === 1 && /^00[1-9A-F][0-9A-F]$/.test(tag.slice(4)))
    return 'LO';
  return 'UN';
};
