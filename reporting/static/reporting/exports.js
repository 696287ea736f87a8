// Shows how far a list is. Without scripts a link does; after some minutes the link is left as well,
// so that an open page does not pass for somebody at the desk.
(function () {
  "use strict";
  var PAUSE = 3000;
  var TIMES = 100;
  var shown = document.getElementById("exports");
  if (!shown || !window.fetch || !window.DOMParser) return;

  function look() {
    if (!shown.dataset.isWaiting || !TIMES--) return;
    fetch(window.location.href.split("#")[0], { credentials: "same-origin", redirect: "error" })
      .then(function (answer) {
        if (!answer.ok) throw new Error();
        return answer.text();
      })
      .then(function (page) {
        var fresh = new DOMParser().parseFromString(page, "text/html").getElementById("exports");
        // Nothing moves under the finger or the focus of somebody who is about to press.
        if (!fresh || shown.contains(document.activeElement)) return;
        shown.replaceWith(fresh);
        shown = fresh;
      })
      .catch(function () {})
      .then(function () {
        setTimeout(look, PAUSE);
      });
  }

  setTimeout(look, PAUSE);
})();
