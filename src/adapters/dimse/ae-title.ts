const MAX_CHARACTERS = 16;

/** Why a text is no application entity title (PS3.5 §6.2, VR AE); undefined when it is one. */
export const aeTitleProblem = (text: string): 'empty' | 'too-long' | 'characters' | undefined => {
  if (text.trim() === '') return 'empty';
  if (text.length > MAX_CHARACTERS) return 'too-long';
  // Blanks at the ends are not significant, so that one title would have several spellings.
  return /^[!-[\]-~]([ -[\]-~]*[!-[\]-~])?$/.test(text) ? undefined : 'characters';
};
