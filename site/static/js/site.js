// Comforts only: every page works without this file.
(function () {
  "use strict";
  var each = function (selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  };

  // The menu stands open where there is room, and closes on Escape or a tap elsewhere where there is not.
  each("[data-menu]", function (menu) {
    var wide = window.matchMedia("(min-width: 60rem)");
    var fit = function () { menu.open = wide.matches; };
    fit();
    (wide.addEventListener ? wide.addEventListener("change", fit) : wide.addListener(fit));
    document.addEventListener("click", function (event) {
      if (!wide.matches && !menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || wide.matches || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // Leaving replaces this page in the history, so that "back" does not return to it. One Escape may be
  // meant for a list or a keyboard of its own; two within a second are meant for us.
  each("[data-quick-exit]", function (link) {
    var last = -Infinity;
    var leave = function () {
      document.documentElement.hidden = true;
      document.title = "\u00a0";
      window.location.replace(link.href);
    };
    link.addEventListener("click", function (event) {
      event.preventDefault();
      leave();
    });
    document.addEventListener("keydown", function (event) {
      // While a word is being put together, Escape belongs to the keyboard.
      if (event.key !== "Escape" || event.repeat || event.isComposing) return;
      if (event.timeStamp - last < 1000) leave();
      last = event.timeStamp;
    });
    each("[data-exit-hint]", function (hint) { hint.hidden = false; });
  });

  // <button data-copy="ID" data-copied="Copied" hidden>
  each("[data-copy]", function (button) {
    var source = document.getElementById(button.getAttribute("data-copy"));
    if (!source || !navigator.clipboard) return;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(source.textContent.trim().replace(/\s+/g, " ")).then(function () {
        button.textContent = button.getAttribute("data-copied");
      });
    });
  });

  each("[data-focus]", function (summary) { summary.focus(); });
})();
