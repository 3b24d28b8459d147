/* The page of whoever checks codes. The camera's picture never leaves it; a code is checked here first, then the server says more. */
(function () {
  "use strict";
  const page = document.querySelector("[data-check]");
  if (!page) return;
  const one = function (name) { return page.querySelector("[data-" + name + "]"); };
  const result = one("result"), camera = one("camera"), video = one("video"), start = one("start"), form = one("form"), ended = one("ended");
  const said = page.dataset, limits = { lifetime: Number(said.lifetime), early: Number(said.early) };
  const KEPT = "code-keys", TYPED = "code-typed", AGAIN = 4000;
  let keys = {}, ahead = 0, last = "", lastAt = 0, stream = null, turn = 0;

  // Public keys stay on this phone, so that it can check codes when it is switched on without a network.
  async function take(found) { keys = await window.codeToken.importKeys(found.keys); ahead = found.ahead; }
  async function learnKeys() {
    try {
      const response = await fetch(said.keys, { cache: "no-store" });
      const found = await response.json();
      found.ahead = found.now - Date.now() / 1000;
      localStorage.setItem(KEPT, JSON.stringify(found));
      await take(found);
    } catch {
      const kept = localStorage.getItem(KEPT);
      if (kept && !Object.keys(keys).length) await take(JSON.parse(kept));
    }
  }

  function element(tag, name, text) { const made = document.createElement(tag); made.className = name; made.textContent = text; return made; }
  function tell(tone, word, text) {
    const box = element("div", "verdict verdict-" + tone, "");
    box.append(element("p", "verdict-word", word), element("p", "", text));
    result.replaceChildren(box);
  }

  // What was typed comes back after a sign-in in this window.
  const typed = form.elements.shown;
  typed.value = sessionStorage.getItem(TYPED) || typed.value;
  sessionStorage.removeItem(TYPED);
  function carry(shown) { sessionStorage.setItem(TYPED, shown); }
  one("again").addEventListener("click", function () { carry(typed.value); });

  // Where the server does not answer for the code, `unanswered` says what is known here; it is told whether the session has ended.
  async function ask(shown, unanswered) {
    const mine = ++turn;
    const body = new FormData(form);
    body.set("shown", shown);
    try {
      const response = await fetch(form.getAttribute("action") || location.href, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, signal: AbortSignal.timeout(8000) });
      const text = await response.text();
      if (mine !== turn) return;
      if (response.redirected) { ended.hidden = false; unanswered(true); return; }
      if (/^\s*<!doctype/i.test(text)) { carry(shown); location.reload(); return; }  // signed in anew in another window
      ended.hidden = true;
      result.innerHTML = text;  // our own server's fragment, escaped there
    } catch {
      if (mine === turn) unanswered(false);
    }
  }

  async function look(text) {
    if (text === last && Date.now() - lastAt < AGAIN) return;
    last = text;
    lastAt = Date.now();
    const canVerify = window.crypto && crypto.subtle;
    let found = canVerify ? await window.codeToken.verify(text, keys, Date.now() / 1000 + ahead, limits) : { state: "unknownKey" };
    if (found.state === "unknownKey" && canVerify) {
      await learnKeys();
      found = await window.codeToken.verify(text, keys, Date.now() / 1000 + ahead, limits);
    }
    if (found.state === "live") {
      tell(found.tone, said["word" + found.tone[0].toUpperCase() + found.tone.slice(1)], said.asking);
      await ask(text, function () {
        tell(found.tone, said["word" + found.tone[0].toUpperCase() + found.tone.slice(1)], said.offline.replace("{n}", found.age));
      });
    } else if (found.state === "unknownKey") {
      await ask(text, function () { tell("none", said.failed, said.unknownKey); });
    } else {
      turn += 1;
      tell("none", said.failed, said[found.state]);
    }
  }

  function load(address) {
    return new Promise(function (done, failed) {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
  }

  async function open() {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    if (!window.ZXingWASM) {
      await load(said.reader);
      window.ZXingWASM.prepareZXingModule({ overrides: { locateFile: function () { return said.wasm; } } });
    }
    video.srcObject = stream;
    camera.hidden = false;
    await video.play();
    start.dataset.open = start.textContent;
    start.textContent = start.dataset.stop;
    scan();
  }

  function close() {
    stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    camera.hidden = true;
    start.textContent = start.dataset.open;
  }

  const canvas = document.createElement("canvas");
  async function scan() {
    while (stream) {
      if (video.videoWidth) {
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        const brush = canvas.getContext("2d", { willReadFrequently: true });
        brush.drawImage(video, 0, 0);
        const read = await window.ZXingWASM.readBarcodes(brush.getImageData(0, 0, canvas.width, canvas.height), { formats: ["QRCode"], maxNumberOfSymbols: 1 });
        if (read.length && stream) await look(read[0].text);
      }
      await new Promise(function (done) { setTimeout(done, 150); });
    }
  }

  if (navigator.mediaDevices && window.WebAssembly) start.hidden = false;
  start.addEventListener("click", async function () {
    if (stream) { close(); return; }
    try { await open(); } catch { if (stream) close(); tell("none", said.failed, said.noCamera); }
  });
  form.addEventListener("submit", function (event) {
    const shown = typed.value.trim();
    event.preventDefault();
    if (!shown) return;
    ask(shown, function (isEnded) {
      tell("none", said.failed, isEnded ? said.signedOut : said.noNetwork);
      typed.value = typed.value || shown;
    });
    typed.value = "";
  });
  // A code that was sound here may be shown elsewhere a minute later: whoever let it pass is told.
  const told = one("told");
  async function hear() {
    if (document.hidden) return;
    try {
      const response = await fetch(told.dataset.told, { cache: "no-store" });
      const text = await response.text();
      if (response.status === 401) ended.hidden = false;
      if (!response.ok || response.redirected) return;
      ended.hidden = true;
      if (text.trim() !== told.innerHTML.trim()) told.innerHTML = text;  // our own fragment, escaped there
    } catch { /* without a network nobody knows */ }
  }
  setInterval(hear, 15000);
  window.addEventListener("online", learnKeys);
  learnKeys();
  setInterval(learnKeys, 600000);
})();
