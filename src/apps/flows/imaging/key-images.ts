import type { DicomJson } from '../../../adapters/dimse/ports.ts';

const REFERENCED_SOPS = '00081199';
const REFERENCED_UID = '00081155';
const CONTENT = '0040A730';

/** SOP Instance UIDs that a Key Object Selection document names in its content (PS3.3 A.35.4). */
export const keyImagesOf = (document: DicomJson): readonly string[] => {
  const uids: string[] = [];
  const waiting: DicomJson[] = [document];
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    for (const reference of (item[REFERENCED_SOPS]?.Value ?? []) as readonly DicomJson[])
      uids.push((reference[REFERENCED_UID]?.Value?.[0] ?? '') as string);
    waiting.push(...((item[CONTENT]?.Value ?? []) as readonly DicomJson[]));
  }
  return uids;
};
