/* A health code's token, checked without a network: the same rules as app/domain/code_tokens.py.
   codeToken.verify(text, keys, now, limits) -> { state, number, tone, age }; state is live, unreadable, old, ahead, unknownKey or forged. */
(function () {
  "use strict";
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const SHAPE = /^(?:[A-Z0-9:/.[\]-]*\/C\/)?([A-Z2-7]{122})$/;
  const TONES = { 1: "green", 2: "yellow", 3: "red", 4: "orange" };
  const BODY = 12, HALF = 32;
  const HALF_ORDER = BigInt("0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551") / 2n;

  function bytesOf(text) {
    const bytes = new Uint8Array(BODY + 2 * HALF);
    let held = 0, bits = 0, at = 0;
    for (const sign of text) {
      held = (held << 5) | ALPHABET.indexOf(sign);
      bits += 5;
      if (bits >= 8) { bits -= 8; bytes[at] = (held >> bits) & 255; at += 1; held &= (1 << bits) - 1; }
    }
    return held === 0 ? bytes : null;  // another spelling of the same bytes
  }

  function fromHex(hex) { return Uint8Array.from(hex.match(/../g), function (pair) { return parseInt(pair, 16); }); }

  function number(bytes) { return bytes.reduce(function (sum, byte) { return sum * 256 + byte; }, 0); }

  async function importKeys(points) {
    const keys = {};
    for (const [name, point] of Object.entries(points)) {
      keys[name] = await crypto.subtle.importKey("raw", fromHex(point), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    }
    return keys;
  }

  async function verify(text, keys, now, limits) {
    const found = SHAPE.exec(text);
    const bytes = found && bytesOf(found[1]);
    if (!bytes || bytes[0] !== 1 || !TONES[bytes[7]]) return { state: "unreadable" };
    const digits = String(number(bytes.slice(2, 7))).padStart(12, "0");
    if (digits.length > 12) return { state: "unreadable" };
    const age = Math.floor(now - number(bytes.slice(8, BODY)));
    if (age > limits.lifetime) return { state: "old", age };
    if (age < -limits.early) return { state: "ahead", age };
    const key = keys[bytes[1]];
    if (!key) return { state: "unknownKey" };
    const low = BigInt("0x" + Array.from(bytes.slice(BODY + HALF), function (byte) { return byte.toString(16).padStart(2, "0"); }).join(""));
    if (low === 0n || low > HALF_ORDER) return { state: "forged" };
    const isOurs = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes.slice(BODY), bytes.slice(0, BODY));
    return isOurs ? { state: "live", number: digits, tone: TONES[bytes[7]], age } : { state: "forged" };
  }

  window.codeToken = { importKeys, verify };
})();
