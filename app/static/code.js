/* A live code: a new token every minute. Without a network the last one stays, and the page says how old it is. */
(function () {
  "use strict";
  var box = document.querySelector("[data-token]"), age = document.querySelector("[data-age]");
  if (!box || !age) return;
  var renewal = Number(box.getAttribute("data-renewal")) * 1000;
  var drawn = Date.now(), asked = drawn, waiting = false;

  function words(seconds, names) {
    if (seconds < 60) return names[0].replace("{n}", seconds);
    if (seconds < 3600) return names[1].replace("{n}", Math.floor(seconds / 60));
    return names[2].replace("{n}", Math.floor(seconds / 3600));
  }

  function tell() {
    var seconds = Math.max(0, Math.round((Date.now() - drawn) / 1000));
    // The token dies at 90 seconds; a renewal that is a little late is nothing to worry about.
    var late = seconds > 75;
    document.body.classList.toggle("is-late", late);
    age.textContent = late
      ? age.getAttribute("data-late").replace("{age}", words(seconds, age.getAttribute("data-ages").split("|")))
      : words(seconds, ["seconds", "minutes", "hours"].map(function (name) { return age.getAttribute("data-" + name); }));
  }

  // Drawn here; where the browser cannot, the server's picture of a code that is as fresh.
  function draw(address, done) {
    try {
      window.drawCode(box, address, box.getAttribute("data-label"));
      done();
    } catch (fault) {
      var picture = new Image();
      picture.alt = box.getAttribute("data-label");
      picture.className = "qr-code";
      picture.onload = function () { box.textContent = ""; box.appendChild(picture); done(); };
      picture.src = box.getAttribute("data-image") + "?" + Date.now();
    }
  }

  function renew() {
    if (waiting) return;
    waiting = true;
    asked = Date.now();
    var controller = new AbortController(), sent = asked;
    var limit = setTimeout(function () { controller.abort(); }, 15000);
    fetch(box.getAttribute("data-token"), { signal: controller.signal, cache: "no-store" }).then(function (response) {
      // The code was taken off this phone, or the limits are reached: the server's own page says which.
      if (response.status === 404) { location.reload(); }
      if (!response.ok) throw new Error(response.status);
      return response.json();
    }).then(function (found) {
      if (found.tone !== box.getAttribute("data-tone")) { location.reload(); return; }
      draw(found.address, function () { drawn = sent; tell(); });
    }).catch(function () {}).then(function () { clearTimeout(limit); waiting = false; });
  }

  draw(box.getAttribute("data-address"), tell);
  setInterval(function () {
    tell();
    var now = Date.now();
    // After a failure every ten seconds, so that a stairwell with a bar of network gets its code.
    if (now - drawn >= renewal && now - asked >= 10000) renew();
  }, 1000);
  window.addEventListener("online", renew);
  document.addEventListener("visibilitychange", function () { if (!document.hidden && Date.now() - drawn >= renewal) renew(); });
})();
