// What a test asks of the panes of a page, as expressions for the page to evaluate.

/**
 * Whether every pane shows the picture that it was asked for. Who follows another is asked when that has drawn; two frames
 * later its slider says so.
 */
export const ALL_DRAWN = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(
  [...document.querySelectorAll('.pane')].every((pane) =>
    Number(pane.querySelector('.slice').value) === Number.parseInt(pane.querySelector('.top-right b').textContent)),
))))`;

/** What is written over the place of the picture. */
export const WRITTEN_OVER = `[...document.querySelectorAll('.pane')].flatMap((pane) => {
  const picture = pane.querySelector('.canvas').getBoundingClientRect();
  return [...pane.querySelectorAll('.over > div > *')]
    .filter((words) => {
      const box = words.getBoundingClientRect();
      return box.height > 0 && box.top < picture.bottom && picture.top < box.bottom;
    })
    .map((words) => words.textContent);
})`;

/** Letters of orientation that something written in a corner crosses. */
export const CROSSED = `[...document.querySelectorAll('.pane')].flatMap((pane) =>
  [...pane.querySelectorAll('.edge')].flatMap((edge) => {
    const letter = edge.getBoundingClientRect();
    return [...pane.querySelectorAll('.over > div > *')]
      .filter((words) => {
        const box = words.getBoundingClientRect();
        return box.left < letter.right && letter.left < box.right && box.top < letter.bottom && letter.top < box.bottom;
      })
      .map((words) => edge.textContent + ' under ' + words.textContent);
  }),
)`;

/** Grey of a square picture that fits its pane, in the middle of its height and at a part of its width. */
export const greyOf = (pane: number, part: number): string => `(() => {
  const canvas = document.querySelectorAll('.pane')[${pane}].querySelector('.canvas canvas');
  const side = Math.min(canvas.width, canvas.height);
  const x = canvas.width / 2 + (${part} - 0.5) * side;
  return canvas.getContext('2d').getImageData(Math.round(x), Math.round(canvas.height / 2), 1, 1).data[0];
})()`;
