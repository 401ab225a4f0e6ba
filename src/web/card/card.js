/* Keys for the card, and word to the page around the frame. Everything here also works without it: plain links and forms.
   Written in the JavaScript of 2009 (ES5), because the shells it runs in are as old. */
(function () {
  'use strict';
  var root = document.documentElement;
  var body = document.body;
  root.className += ' keyed';

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  function has(element, name) {
    return (' ' + element.className + ' ').indexOf(' ' + name + ' ') >= 0;
  }

  /* The line that has the focus; null when none has. */
  function focusedLine() {
    var at = document.activeElement;
    while (at && at !== body) {
      if (has(at, 'line')) return at;
      at = at.parentNode;
    }
    return null;
  }

  function isShown(element) {
    var box = element.getBoundingClientRect();
    var height = window.innerHeight || root.clientHeight;
    return box.height > 0 && box.bottom > 0 && box.top < height;
  }

  /* A key acts only where the result it is about can be read at this moment. */
  function showsResult(line) {
    return all('.result, .examination, .compact', line).some(isShown);
  }

  function press(element) {
    if (!element) return false;
    element.click();
    return true;
  }

  function openReasons(line) {
    var reasons = line.querySelector('.re-examine');
    if (reasons) reasons.setAttribute('open', 'open');
    return reasons;
  }

  /* A reason that needs words first gets the cursor among its words; with the words there it is given. */
  function giveReason(line, key) {
    var reasons = line ? openReasons(line) : null;
    var button = (reasons || document.querySelector('.acts') || body).querySelector(
      '[data-key="' + key + '"]'
    );
    var words = reasons && reasons.querySelector('textarea');
    if (!button) return false;
    if (words && button.value === 'N6' && words.value.replace(/\s/g, '').length < 10) {
      words.focus();
      return true;
    }
    return press(button);
  }

  /* The page opens on its headline and patient: focus alone must not scroll them away. Shells that know no options of
     focus() are put back; a line named in the address is where the page is to be. */
  function openOn(line, isNamed) {
    if (isNamed) return line.focus();
    var top = window.pageYOffset;
    line.focus({ preventScroll: true });
    if (window.pageYOffset !== top) window.scrollTo(0, top);
  }

  function step(lines, line, by) {
    var place = lines.indexOf(line) + by;
    var next = lines[line ? Math.max(0, Math.min(lines.length - 1, place)) : 0];
    if (next) next.focus();
    return Boolean(next);
  }

  var origins = (body.getAttribute('data-origins') || '').split(' ');
  function tellParent(message) {
    if (window.parent === window) return;
    origins.forEach(function (origin) {
      if (origin) window.parent.postMessage(message, origin);
    });
  }

  function leave() {
    var open = all('.re-examine[open]');
    if (open.length > 0) {
      open.forEach(function (reasons) {
        reasons.removeAttribute('open');
      });
      var line = open[0].parentNode;
      if (line.focus) line.focus();
      return true;
    }
    tellParent({ type: 'huren.close' });
    if (window.opener) window.close();
    return true;
  }

  function act(key, lines, line) {
    if (key === 'Escape' || key === 'Esc') return leave();
    if (key === 'ArrowDown' || key === 'Down') return step(lines, line, 1);
    if (key === 'ArrowUp' || key === 'Up') return step(lines, line, -1);
    if (/^[1-6]$/.test(key)) return giveReason(line && showsResult(line) ? line : null, key);
    key = key.toUpperCase();
    if (key === 'A') return press(document.querySelector('[data-key="A"]'));
    /* On the page of a report V goes on to its images. */
    if (key === 'V' && lines.length === 0) return press(document.querySelector('[data-key="V"]'));
    if (!line) return false;
    if (key === 'R') return showsResult(line) && press(line.querySelector('.recognise'));
    if (key === 'V') return press(line.querySelector('.view'));
    return false;
  }

  document.addEventListener('keydown', function (event) {
    var target = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    var key = event.key || { 13: 'Enter', 27: 'Esc', 38: 'Up', 40: 'Down' }[event.keyCode];
    key = key || String.fromCharCode(event.keyCode);
    var typing = /^(TEXTAREA|SELECT)$/.test(target.tagName);
    if (typing && key !== 'Escape' && key !== 'Esc') return;
    if (act(key, all('.line[tabindex]'), focusedLine())) event.preventDefault();
  });

  /* One answer at a time: the second press of an impatient finger is the same answer, and is not sent at all. */
  document.addEventListener('submit', function (event) {
    if (event.target.getAttribute('data-sent')) event.preventDefault();
    else event.target.setAttribute('data-sent', 'yes');
  });

  var first = window.location.hash ? document.querySelector(window.location.hash) : null;
  var named = first && has(first, 'line') ? first : null;
  first = named || document.querySelector('.line[tabindex]');
  if (first) openOn(first, Boolean(named));

  var message = body.getAttribute('data-message');
  if (message) tellParent(JSON.parse(message));

  var handOver = document.querySelector('form[data-hand-over]');
  if (handOver) handOver.submit();
})();
