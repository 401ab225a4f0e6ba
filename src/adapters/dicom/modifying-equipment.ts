/** Purpose of Reference of whoever changed a header: Modifying Equipment (PS3.16 CID 7005). */
export const MODIFYING_EQUIPMENT = { value: '109103', scheme: 'DCM', meaning: 'Modifying Equipment' };

/** What is changed in a corrected header: Contribution Description (0018,A003). */
export const CORRECTION_DESCRIPTION =
  'Patient module as the person index has it; pixels and all other attributes as stored';
