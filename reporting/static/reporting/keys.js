// Keys for the queue and for a report's page. Whoever turned shortcuts off in their account is not
// sent this file. Keys go by their place on the keyboard, so that they hold under a Thai layout.
(function () {
  "use strict";
  var help = document.getElementById("report-keys");
  var opener = document.querySelector("[data-open-keys]");
  if (!help || !help.showModal) return;

  function rows() {
    return Array.prototype.slice.call(document.querySelectorAll(".report-row"));
  }

  function current() {
    var focused = document.activeElement;
    return focused && focused.closest ? focused.closest(".report-row") : null;
  }

  function isTyping(target) {
    if (!target || !target.closest) return false;
    if (target.closest("textarea, select, [contenteditable]")) return true;
    var field = target.closest("input");
    return !!field && ["checkbox", "radio", "submit", "button"].indexOf(field.type) < 0;
  }

  function move(step) {
    var all = rows();
    if (!all.length) return;
    var at = all.indexOf(current());
    var next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].querySelector(".report-reference").focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  function box(row) {
    return row && row.querySelector(".report-tick input");
  }

  // A step for the ticked reports; without any, for the one where the focus is.
  function press(button) {
    var isOfMany = button.closest(".report-bulk");
    if (isOfMany && !document.querySelector(".report-tick input:checked")) {
      var own = box(current());
      if (!own) return;
      own.checked = true;
    }
    button.click();
  }

  function letter(event) {
    return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
  }

  function act(event) {
    var key = letter(event);
    var arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (arrow && current()) return move(arrow), true;
    if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) return help.showModal(), true;
    if (!key || event.shiftKey) return false;
    if (rows().length) {
      if (key === "j") return move(1), true;
      if (key === "k") return move(-1), true;
      if (key === "x" && box(current())) return box(current()).click(), true;
    }
    var button = document.querySelector('[aria-keyshortcuts="' + key + '"]');
    return button ? (press(button), true) : false;
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open], [role=dialog]:not([aria-hidden=true])")) return;
    if (act(event)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", function () { help.showModal(); });
  }
})();
