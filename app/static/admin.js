/* What the back office does beyond plain HTML. Every screen works without it. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const FRAGMENT = { "X-Requested-With": "fetch" };
  document.documentElement.classList.add("js");

  // Drawer and menus: Escape and a click elsewhere close them.
  const drawer = one("#drawer");
  document.addEventListener("click", (event) => {
    for (const menu of all("[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (drawer && drawer.checked) { drawer.checked = false; drawer.focus(); }
    for (const menu of all("[data-menu][open]")) { menu.open = false; one("summary", menu).focus(); }
  });
  for (const select of all("[data-autosubmit]")) select.addEventListener("change", () => select.form.requestSubmit());
  const carried = sessionStorage.getItem("messages");
  if (carried) {
    sessionStorage.removeItem("messages");
    one("#main").insertAdjacentHTML("afterbegin", carried);
  }
  const summary = one("[data-error-summary]");
  if (summary) summary.focus();

  // A search form folds away on a phone unless it is in use.
  const narrow = matchMedia("(max-width: 860px)");
  const search = one("[data-search]");
  if (search) {
    const isUsed = all("input, select", search).some((field) =>
      field.type === "checkbox" ? field.checked : field.type !== "hidden" && field.value && field.value !== "__None");
    const fold = () => { search.open = !narrow.matches || isUsed; };
    fold();
    narrow.addEventListener("change", fold);
  }

  // Questions before a POST; the answer travels as confirmed=1, which the server demands.
  const dialog = one("#confirm-dialog");
  const ask = (text) => new Promise((resolve) => {
    one(".dialog-text", dialog).textContent = text;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
  const addHidden = (form, name, value) => {
    const input = document.createElement("input");
    input.type = "hidden"; input.name = name; input.value = value;
    form.append(input);
    return input;
  };
  document.addEventListener("click", async (event) => {
    const control = event.target.closest("[data-confirm]");
    if (!control || !dialog || !dialog.showModal || control.dataset.asked) return;
    event.preventDefault();
    if (!(await ask(control.dataset.confirm))) return;
    if (control.tagName === "A") { location.href = control.href; return; }
    const mark = addHidden(control.form, "confirmed", "1");
    control.dataset.asked = "1";
    control.form.requestSubmit(control);
    delete control.dataset.asked;
    mark.remove();
  });

  // Forms in a dialog: the server answers with the form alone, or redirects when it is done.
  const modal = one("#modal");
  let modalUrl = "";
  const show = (html) => {
    modal.innerHTML = html;  // our own server's fragment, escaped there; CSP runs no script in it
    const close = document.createElement("button");
    close.type = "button"; close.className = "dialog-close"; close.textContent = "×";
    close.setAttribute("aria-label", modal.dataset.close);
    close.addEventListener("click", () => modal.close());
    modal.append(close);
    modal.classList.toggle("is-narrow", all(".field", modal).length < 4);
    if (!modal.open) modal.showModal();
    const first = one("[data-error-summary], .input, input:not([type=hidden]), a, button", modal);
    if (first) first.focus();
  };
  const take = async (response) => {
    const type = response.headers.get("Content-Type") || "";
    if (!type.startsWith("text/html")) { location.href = response.url; return; }
    const html = await response.text();
    if (response.redirected) {  // the page was built once for fetch already: its messages would be lost with it
      const messages = new DOMParser().parseFromString(html, "text/html").querySelector(".messages");
      if (messages) sessionStorage.setItem("messages", messages.outerHTML);
      location.href = response.url;
      return;
    }
    if (/^\s*<!doctype/i.test(html)) {  // a whole page: of a form that was sent, why it was refused; what was typed stays
      const fault = modal.open && new DOMParser().parseFromString(html, "text/html").querySelector(".fault");
      if (fault) tell(all("h1, p:not([class])", fault).map((part) => part.textContent).join(" · ")); else location.href = modalUrl;
      return;
    }
    show(html);
  };
  const tell = (text) => {
    let note = one(".modal-failed", modal);
    if (!note) { note = document.createElement("p"); note.className = "message message-red modal-failed"; note.setAttribute("role", "alert"); modal.prepend(note); }
    note.textContent = text;
    if (!modal.open) modal.showModal();
  };
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-modal]");
    if (!link || !modal || !modal.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    modalUrl = link.href;
    try { await take(await fetch(modalUrl, { headers: FRAGMENT })); } catch { location.href = modalUrl; }
  });
  if (modal) {
    modal.addEventListener("click", (event) => {
      if (event.target.closest("[data-dismiss]")) { event.preventDefault(); modal.close(); }
    });
    modal.addEventListener("submit", async (event) => {
      const form = event.target;
      if (event.submitter && event.submitter.dataset.confirm && !event.submitter.dataset.asked) return;
      event.preventDefault();
      const url = form.getAttribute("action") || modalUrl;
      const button = event.submitter, sent = new FormData(form);
      if (button) button.disabled = true;
      form.inert = true;  // what is typed from here on would be lost with the answer
      try { await take(await fetch(url, { method: "POST", headers: FRAGMENT, body: sent })); } catch { tell(modal.dataset.failed); }
      form.inert = false;
      if (button) button.disabled = false;
    });
  }
  document.addEventListener("submit", (event) => {  // a double click sends once
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });

  // A search that brings boxes to tick; what is ticked stays.
  const offer = (field, found) => {
    const box = one("#" + field.dataset.optionsFor + "-field .choices", field.form);
    for (const choice of all(".choice", box)) if (!one("input", choice).checked) choice.remove();
    const ticked = all("input", box).map((input) => input.value);
    for (const option of found) {
      if (ticked.includes(String(option.value))) continue;
      const choice = document.createElement("span"), input = document.createElement("input"), label = document.createElement("label");
      choice.className = "choice";
      input.type = "checkbox"; input.name = field.dataset.optionsFor; input.value = option.value;
      input.id = label.htmlFor = field.dataset.optionsFor + "-found-" + option.value;
      label.textContent = option.label;
      choice.append(input, label);
      box.append(choice);
    }
  };
  document.addEventListener("input", async (event) => {
    const field = event.target.closest("[data-options]");
    if (!field) return;
    const asked = field.value;
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (field.value !== asked) return;
    try {
      const response = await fetch(field.dataset.options + "?q=" + encodeURIComponent(asked), { headers: { ...FRAGMENT, Accept: "application/json" } });
      const answer = await response.json();
      if (field.value === asked) offer(field, answer.options);
    } catch { /* sending the form searches too */ }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.closest("[data-options]")) event.preventDefault();
  });

  // Choosing many rows.
  const bulk = one("[data-bulk]");
  if (bulk) {
    const picks = all("[data-pick]");
    const pickAll = one("[data-pick-all]");
    const count = () => {
      const chosen = picks.filter((pick) => pick.checked).length;
      one("[data-count]", bulk).textContent = chosen;
      bulk.classList.toggle("is-on", chosen > 0);
      pickAll.checked = chosen === picks.length;
      pickAll.indeterminate = chosen > 0 && chosen < picks.length;
    };
    pickAll.hidden = false;
    pickAll.addEventListener("change", () => { for (const pick of picks) pick.checked = pickAll.checked; count(); });
    for (const pick of picks) pick.addEventListener("change", count);
    addEventListener("pageshow", count);
    count();
  }

  // Rows by keyboard: j and k walk, Enter opens, x chooses, / searches; e edits the row or the record, n goes to the next.
  const rows = all("[data-rows] tbody tr");
  for (const row of rows) row.tabIndex = -1;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog, [contenteditable]")) return;
    const at = rows.indexOf(event.target.closest("tr"));
    if (event.key === "j" || event.key === "k") {
      const next = rows[event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)];
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
    } else if (event.key === "Enter" && at >= 0 && event.target === rows[at] && rows[at].dataset.url) {
      location.href = rows[at].dataset.url;
    } else if (event.key === "x" && at >= 0) {
      const pick = one("[data-pick]", rows[at]);
      if (pick) pick.click();
    } else if (event.key === "e" && at >= 0) {
      const edit = one("a[data-modal]", rows[at]);
      if (edit) edit.click();
    } else if (event.key === "e" || event.key === "n") {
      const control = one(`[data-key="${event.key}"]`);
      if (control) control.click();
    } else if (event.key === "/") {
      const field = search && one(".input", search);
      if (field) { event.preventDefault(); search.open = true; field.focus(); }
    }
  });

  // Progress of a job.
  const progress = one("[data-progress]");
  if (progress) {
    const set = (selector, text) => { const at = one(selector, progress); if (at) at.textContent = text; };
    const ended = one("[data-ended]", progress);
    const poll = async () => {
      let pause = 1500;
      try {
        const response = await fetch(progress.dataset.progress, { headers: { Accept: "application/json" } });
        if (response.status === 401) { ended.hidden = false; pause = 15000; }  // whoever signs in in another window is seen then
        if (!response.ok) throw new Error(String(response.status));
        const state = await response.json();
        ended.hidden = true;
        const bar = one("progress", progress);
        bar.max = state.total || 1; bar.value = state.done;
        set("[data-done]", state.done.toLocaleString("en-US")); set("[data-total]", state.total.toLocaleString("en-US"));
        set("[data-live]", state.status ? state.status.text : "");
        const tag = one(".heading .tag");
        if (tag && state.status) { tag.textContent = state.status.text; tag.className = "tag tag-" + state.status.tone; }
        for (const figure of all("[data-figure]")) figure.textContent = state.figures[figure.dataset.figure] ?? figure.textContent;
        if (state.finished) { location.reload(); return; }
      } catch { /* the next turn tries again; the link 刷新 is there meanwhile */ }
      setTimeout(poll, pause);
    };
    setTimeout(poll, 800);
  }

  // Captcha by click, SMS code with its minute.
  for (const button of all("[data-captcha]")) button.addEventListener("click", () => {
    const image = one("img", button);
    image.src = image.src.split("?")[0] + "?" + Date.now();
    for (const sound of all("[data-spoken-captcha]")) { sound.src = sound.src.split("?")[0] + "?" + Date.now(); }
    const field = button.parentNode.querySelector("input");
    field.value = ""; field.focus();
  });
  for (const button of all("[data-send-code]")) button.addEventListener("click", async (event) => {
    event.preventDefault();
    const note = one("[data-send-note]");
    const label = button.textContent;
    button.disabled = true;
    try {
      const response = await fetch(button.formAction, { method: "POST", headers: { ...FRAGMENT, Accept: "application/json" }, body: new FormData(button.form) });
      const answer = await response.json();
      note.textContent = answer.message || "";
      if (!response.ok) { button.disabled = false; return; }
      // What was wrong before is no longer what stands here.
      for (const told of all(".summary, .error", button.form)) told.remove();
      for (let left = 60; left > 0; left -= 1) {
        button.textContent = left + " " + button.dataset.wait;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      button.textContent = label;
    } catch { button.form.action = button.formAction; button.form.submit(); return; }
    button.disabled = false;
  });
})();
