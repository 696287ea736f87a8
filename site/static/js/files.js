// Sends files in pieces, so that a broken connection costs one piece. Without this file the form
// sends them whole. Nothing is kept on the phone, and no file's name is read.
(function () {
  "use strict";
  var form = document.querySelector("form[data-files]");
  if (!form || !window.FormData || !window.fetch || !Blob.prototype.slice) return;

  var address = form.getAttribute("data-files");
  var size = Number(form.getAttribute("data-piece"));
  var limit = Number(form.getAttribute("data-limit")) * 1024 * 1024;
  var input = form.querySelector("input[type=file]");
  var button = form.querySelector("button[type=submit]");
  var progress = form.querySelector("[data-progress]");
  var words = form.querySelector("[data-say]");
  var bar = form.querySelector("progress");
  var field = function (name) { return form.querySelector("input[name=" + name + "]").value; };
  var say = function (name) { words.textContent = words.getAttribute("data-" + name); };
  var hide = function (mark, hidden) {
    var found = form.querySelector("[" + mark + "]");
    if (found) found.hidden = hidden;
  };
  hide("data-plain-only", true);
  hide("data-in-pieces-only", false);

  var pause = function (milliseconds) {
    return new Promise(function (resolve) {
      var timer = window.setTimeout(resolve, milliseconds);
      window.addEventListener("online", function () { window.clearTimeout(timer); resolve(); }, { once: true });
    });
  };

  // The same file under the same receipt has the same token, so choosing it again goes on with it.
  var tokenOf = function (file) {
    var random = field("token") + "." + Math.random().toString(36).slice(2);
    if (!window.crypto || !crypto.subtle || !Blob.prototype.arrayBuffer) return Promise.resolve(random);
    var some = new Blob([field("receipt"), String(file.size), file.slice(0, 65536), file.slice(-65536)]);
    return some.arrayBuffer().then(function (bytes) {
      return crypto.subtle.digest("SHA-256", bytes);
    }).then(function (digest) {
      return Array.prototype.map.call(new Uint8Array(digest), function (byte) {
        return ("0" + byte.toString(16)).slice(-2);
      }).join("");
    });
  };

  // Asks until somebody answers. What is refused for good is thrown, in words.
  var ask = function (file, token, number, tries) {
    var body = new FormData();
    body.append("receipt", field("receipt"));
    body.append("proof", field("proof"));
    body.append("token", token);
    body.append("size", String(file.size));
    if (number !== null) {
      body.append("number", String(number));
      body.append("piece", file.slice(number * size, (number + 1) * size), "piece");
    }
    var again = function () {
      say("waiting");
      return pause(Math.min(30000, 1000 * Math.pow(2, tries))).then(function () {
        return ask(file, token, number, tries + 1);
      });
    };
    var options = { method: "POST", body: body, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };
    return fetch(address, options).then(function (response) {
      if (response.status === 200) return response.json();
      if ([400, 404, 413].indexOf(response.status) >= 0) {
        return response.json().then(function (answer) { throw { refusal: answer.problem }; });
      }
      return again();
    }, again);
  };

  var send = function (file, place, count) {
    var whole = Math.ceil(file.size / size);
    return tokenOf(file).then(function (token) {
      var next = function (answer) {
        words.textContent = words.getAttribute("data-sending").replace("{number}", place).replace("{count}", count);
        bar.value = whole ? 100 * (whole - answer.missing.length) / whole : 0;
        if (!answer.missing.length) return null;
        return ask(file, token, answer.missing[0], 0).then(next);
      };
      return ask(file, token, null, 0).then(next);
    });
  };

  var busy = function (is) {
    input.disabled = button.disabled = is;
    progress.hidden = false;
    bar.hidden = !is;
  };

  form.addEventListener("submit", function (event) {
    var files = Array.prototype.slice.call(input.files);
    event.preventDefault();
    busy(files.length > 0);
    if (!files.length) return say("none");
    if (files.some(function (file) { return file.size > limit; })) {
      busy(false);
      return say("too-large");
    }
    var chain = Promise.resolve();
    files.forEach(function (file, index) {
      chain = chain.then(function () { return send(file, index + 1, files.length); });
    });
    chain.then(function () {
      // The page that tells how they stand; the receipt stays in the body.
      input.disabled = true;
      var done = document.createElement("input");
      done.type = "hidden";
      done.name = "done";
      done.value = "1";
      form.appendChild(done);
      form.submit();
    }, function (reason) {
      busy(false);
      words.textContent = (reason && reason.refusal) || words.getAttribute("data-waiting");
    });
  });
})();
