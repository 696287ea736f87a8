// Saves what is typed on the server, sealed, and nothing on the phone. Without this file the button
// "Keep it and go on later" does the same.
(function () {
  "use strict";
  var form = document.querySelector("form[data-keep]");
  var state = document.querySelector("[data-keep-state]");
  if (!form || !state || !window.fetch || !window.FormData || !window.AbortController) return;

  var PAUSE = 2000; // after the last key
  var AGAIN = 10000; // after a failure
  var PATIENCE = 20000; // on a bad line
  var unsaved = false;
  var timer = null;
  var running = null;

  function say(what, isProblem) {
    state.textContent = state.getAttribute("data-" + what) || "";
    if (isProblem) state.setAttribute("data-is", "problem");
    else state.removeAttribute("data-is");
  }

  function post(signal) {
    var data = new FormData(form);
    data.append("by_itself", "1");
    return fetch(form.getAttribute("data-keep"), {
      method: "POST", body: data, credentials: "same-origin", redirect: "manual", signal: signal
    });
  }

  // Whoever signed in again, in another tab, has another token against forgery.
  function renewToken(signal) {
    return fetch(form.action, { credentials: "same-origin", redirect: "manual", signal: signal }).then(function (answer) {
      return answer.ok ? answer.text() : "";
    }).then(function (page) {
      var found = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page);
      if (!found) return false;
      Array.prototype.forEach.call(document.getElementsByName("csrfmiddlewaretoken"), function (field) {
        field.value = found[1];
      });
      return true;
    });
  }

  function nameOf(answer) {
    if (answer.status === 204) return "saved";
    if (answer.status === 413) return "too-long";
    return answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404 ? "signed-out" : "no-line";
  }

  // Resolves to the name of a sentence: saved, no-line, signed-out, too-long.
  function save() {
    if (running) running.abort();
    var mine = running = new AbortController();
    unsaved = false;
    var patience = setTimeout(function () { mine.abort(); }, PATIENCE);
    return post(mine.signal).then(function (answer) {
      if (answer.status !== 403) return answer;
      return renewToken(mine.signal).then(function (isNew) { return isNew ? post(mine.signal) : answer; });
    }).then(nameOf, function () {
      return "no-line";
    }).then(function (result) {
      clearTimeout(patience);
      if (running !== mine) return "overtaken";
      running = null;
      if (result !== "saved") unsaved = true;
      return result;
    });
  }

  function saveSoon(pause) {
    clearTimeout(timer);
    timer = setTimeout(function () {
      say("saving");
      save().then(function (result) {
        if (result === "overtaken") return;
        say(result, result !== "saved");
        if (result === "no-line") saveSoon(AGAIN);
      });
    }, pause);
  }

  function changed() {
    unsaved = true;
    saveSoon(PAUSE);
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  // A browser that sends into a dead line shows a page of its own, and "back" may be empty. So the
  // words are brought to safety first; only then the form is sent.
  form.addEventListener("submit", function (event) {
    clearTimeout(timer);
    if (!unsaved && !running) return;
    var button = event.submitter;
    event.preventDefault();
    say("saving");
    save().then(function (result) {
      if (result === "overtaken") return;
      if (result === "no-line" || result === "signed-out") {
        say(result === "no-line" ? "not-sent" : "signed-out", true);
        state.scrollIntoView({ block: "center" });
        return;
      }
      if (button && button.getAttribute("formaction")) form.action = button.getAttribute("formaction");
      form.submit();
    });
  });
})();
