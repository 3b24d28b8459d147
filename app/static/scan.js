/* Public pages are whole without this; it folds, fills, ticks and sounds. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.className += " js";
  function one(selector, base) { return (base || document).querySelector(selector); }
  function all(selector, base) { return [].slice.call((base || document).querySelectorAll(selector)); }

  // Fields of a return, and country or province: shown for the answer that asks them.
  function isYes(name) { return !!one('[data-choice="' + name + '"] .yes:checked'); }
  function fold() {
    var returned = one("[data-returned]"), abroad = one("[data-abroad]"), home = one("[data-home]");
    if (returned) returned.hidden = !isYes("is_returnee") && !isYes("is_from_abroad");
    if (!one('[data-choice="is_from_abroad"]')) return;
    if (abroad) abroad.hidden = !isYes("is_from_abroad");
    if (home) home.hidden = isYes("is_from_abroad");
  }
  document.addEventListener("change", fold);
  window.addEventListener("pageshow", fold);
  fold();

  // Province, city, district: each list fetches its children.
  all("[data-origin]").forEach(function (origin) {
    var lists = all("select", origin);
    var keep = lists.map(function (list) { return list.options.length && !list.options[0].value ? list.options[0].text : ""; });
    var fill = function (index, areas) {
      var list = lists[index];
      list.length = 0;
      list.add(new Option(keep[index], ""));
      areas.forEach(function (area) { list.add(new Option(area.name || area[1], area.code || area[0])); });
      list.disabled = false;
    };
    lists.forEach(function (list, index) {
      if (index === lists.length - 1) return;
      list.addEventListener("change", function () {
        for (var next = index + 1; next < lists.length; next += 1) fill(next, []);
        if (!list.value) return;
        var asked = list.value;
        fetch(origin.getAttribute("data-origin").replace("CODE", asked)).then(function (response) {
          if (!response.ok) throw new Error(response.status);
          return response.json();
        }).then(function (found) {
          if (list.value === asked) fill(index + 1, found.children || found);
        }).catch(function () { root.className = root.className.replace(/ ?\bjs\b/, ""); });  // offer the plain button
      });
    });
  });

  // One tap sends once.
  all("[data-once]").forEach(function (form) {
    var sent = false;
    form.addEventListener("submit", function (event) {
      if (sent) event.preventDefault();
      sent = true;
      setTimeout(function () { sent = false; }, 5000);
    });
    window.addEventListener("pageshow", function () { sent = false; });
  });
  // A phone that knows one person goes on to the result by itself, once: not after 「返回」 or a reload.
  var goesOn = one("[data-goes-on]");
  var came = window.performance && performance.getEntriesByType ? performance.getEntriesByType("navigation")[0] : null;
  if (goesOn && came && came.type === "navigate") one("button", goesOn).click();
  var errors = one("[data-errors]");
  if (errors) errors.focus();

  // The server's clock, in the server's zone whatever the phone says.
  var clock = one("[data-server-now]");
  if (clock) {
    var parts = /^(\d+)-(\d+)-(\d+)[T ](\d+):(\d+):(\d+)/.exec(clock.getAttribute("data-server-now"));
    if (parts) {
      var ahead = Date.UTC(parts[1], parts[2] - 1, parts[3], parts[4], parts[5], parts[6]) - Date.now();
      var tick = function () { clock.textContent = new Date(Date.now() + ahead).toISOString().slice(0, 19).replace("T", " "); };
      tick();
      setInterval(tick, 1000);
    }
  }

  // The alarm of a key area: at once where the browser lets it, else by a large button.
  var button = one("[data-alarm]");
  var Audio = window.AudioContext || window.webkitAudioContext;
  if (button) {
    var context = Audio ? new Audio() : null;
    var sound = function () {
      root.setAttribute("data-sound", "playing");
      var start = context.currentTime + 0.05;
      for (var turn = 0; turn < 12; turn += 1) {
        var tone = context.createOscillator(), volume = context.createGain();
        tone.type = "square";
        tone.frequency.value = turn % 2 ? 660 : 990;
        volume.gain.value = 0.25;
        tone.connect(volume);
        volume.connect(context.destination);
        tone.start(start + turn * 0.35);
        tone.stop(start + turn * 0.35 + 0.3);
      }
      if (navigator.vibrate && (!navigator.userActivation || navigator.userActivation.hasBeenActive)) navigator.vibrate([400, 200, 400, 200, 400]);
    };
    if (context && context.state === "running") sound();
    else if (context) {
      root.setAttribute("data-sound", "waiting");
      button.hidden = false;
      context.onstatechange = function () { if (context.state === "running") { button.hidden = true; context.onstatechange = null; sound(); } };
      context.resume().catch(function () {});
    }
    button.addEventListener("click", function () { if (context.state === "running") sound(); else context.resume(); });
  }
})();
