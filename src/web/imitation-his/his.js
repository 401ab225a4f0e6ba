// The imitated workstation: fetches its orders anew when they changed behind its back, and takes single keys for a card.
(() => {
  const left = document.querySelector('[data-encounter]');
  if (!left) return;
  const encounter = left.dataset.encounter;
  const refresh = async () => {
    const shown = document.getElementById('orders');
    try {
      const answer = await fetch(`/encounters/${encounter}/orders?version=${shown.dataset.version}`);
      if (answer.status === 200) shown.outerHTML = await answer.text();
    } catch {
      // The workstation's own server is away; the next turn tries again.
    }
    setTimeout(() => void refresh(), 700);
  };
  setTimeout(() => void refresh(), 700);
  // Keys act on the card in focus alone, so that nothing is answered that was not looked at.
  const cards = [...document.querySelectorAll('.card')];
  const waiting = cards.find((card) => !card.classList.contains('answered'));
  if (waiting) waiting.focus({ preventScroll: true });
  document.addEventListener('keydown', (event) => {
    if (
      event.ctrlKey ||
      event.altKey ||
      event.metaKey ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)
    )
      return;
    const at = cards.findIndex((card) => card.contains(document.activeElement));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && cards[at + step]) {
      event.preventDefault();
      cards[at + step].focus();
    }
    const button = at >= 0 && cards[at].querySelector(`button[data-key="${event.key.toLowerCase()}"]`);
    if (button) button.click();
  });
})();
