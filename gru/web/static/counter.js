/* The counter, with what a page alone cannot do: look around while typing, keep an entry when the network is away, */
/* hide the screen, come back by itself. Without this file the page works all the same, by its buttons. */
"use strict";
(() => {
  const form = document.querySelector("form[data-counter]");
  const receipt = document.querySelector("[data-receipt]");
  const KEPT = "guichet-saisies";
  const LOOK_AFTER = 450, PING_MS = 4000, AGAIN_MS = 15000, ASKED = 40;

  /* --- entries kept on this post: words in localStorage until they are sent, never longer --- */
  const kept = () => { try { return JSON.parse(localStorage.getItem(KEPT) || "[]"); } catch { return []; } };
  const keep = (list) => { try { localStorage.setItem(KEPT, JSON.stringify(list.slice(-ASKED))); return true; } catch { return false; } };
  const drop = (key) => keep(kept().filter((one) => one.key !== key));
  const fields = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
  const local = (at) => new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);

  if (receipt) {
    if (receipt.dataset.receipt) drop(receipt.dataset.receipt);
    let last = Date.now();
    for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => { last = Date.now(); });
    setInterval(() => { if (Date.now() - last > receipt.dataset.idle * 1000) location.assign(receipt.dataset.home); }, 1000);
    return;
  }
  if (!form) return;

  const box = document.querySelector("[data-unsent]");
  const key = form.elements.cle.value;
  drop(key);

  const say = (kind, text, link) => {
    const line = document.createElement("div");
    line.className = "notice " + kind;
    const words = document.createElement("p");
    words.textContent = text + " ";
    if (link) {
      const a = document.createElement(link.href ? "a" : "button");
      a.textContent = link.text;
      if (link.href) { a.href = link.href; } else { a.type = "button"; a.className = "btn"; a.addEventListener("click", link.act); }
      words.append(a);
    }
    line.append(words);
    box.append(line);
    box.hidden = false;
  };

  const post = (entries) => {
    const body = new FormData();
    for (const [name, value] of entries) body.append(name, value);
    body.append("csrf_token", form.elements.csrf_token.value);
    return fetch("/guichet", { method: "POST", body, credentials: "same-origin" });
  };

  /* What was wrong is shown again in this very form; nothing typed is lost. */
  const resume = (one) => {
    for (const [name, value] of one.fields) {
      const control = form.elements[name];
      if (!control || name === "faire") continue;
      if (control.type === "checkbox") control.checked = true; else control.value = value;
    }
    drop(one.key);
    box.replaceChildren();
    look();
  };

  let sending = false;
  const showKept = (list, sent) => {
    box.replaceChildren();
    for (const address of sent) say("ok", form.dataset.envoyee, { href: address, text: form.dataset.voir });
    for (const one of list) {
      if (one.wrong) say("late", form.dataset.corriger, { text: form.dataset.reprendre, act: () => resume(one) });
      else say("soon", form.dataset.attente);
    }
    box.hidden = !box.childElementCount;
  };
  const sendKept = async () => {
    if (sending) return;
    sending = true;
    const sent = [];
    for (const one of kept().filter((each) => !each.wrong && each.waits)) {
      try {
        const answer = await post(one.fields);
        if (answer.ok && answer.redirected && answer.url.includes("/guichet/recepisse/")) { drop(one.key); sent.push(answer.url); }
        else if (answer.status === 422) keep(kept().map((each) => (each.key === one.key ? { ...each, wrong: true } : each)));
        else break;
      } catch { break; }
    }
    sending = false;
    if (sent.length || kept().length) showKept(kept(), sent);
  };

  const there = async () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PING_MS);
    try { return (await fetch("/guichet/presence", { cache: "no-store", signal: stop.signal })).ok; } catch { return false; } finally { clearTimeout(timer); }
  };

  let leaving = false;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    const wish = button ? button.value : "enregistrer";
    if (leaving || wish !== "enregistrer") return;
    event.preventDefault();
    if (await there()) { leaving = true; form.requestSubmit(button); return; }
    const entries = fields().filter(([name]) => name !== "faire");
    entries.push(["faire", "enregistrer"]);
    if (!form.elements.recu_le.value) {
      for (const pair of entries) { if (pair[0] === "recu_le") pair[1] = local(new Date()); if (pair[0] === "raison") pair[1] = "network_loss"; }
    }
    const list = [...kept().filter((one) => one.key !== key), { key, fields: entries, waits: true }];
    if (!keep(list)) { say("late", form.dataset.corriger); return; }
    form.reset();
    form.elements.cle.value = freshKey();
    showKept(list, []);
    form.elements.mots.focus();
  });

  /* The same shape as the server's keys: time first, then chance. */
  const freshKey = () => {
    const time = Date.now().toString(16).padStart(12, "0");
    const chance = [...crypto.getRandomValues(new Uint8Array(10))].map((b) => b.toString(16).padStart(2, "0")).join("");
    return time + "7" + chance.slice(1, 4) + "8" + chance.slice(5);
  };

  /* --- looking around while typing: the page is asked for again, its findings take their places --- */
  const PARTS = ["motifs", "documents", "connue", "annonce", "semblables"];
  let timer = 0, asked = 0;
  const look = async () => {
    const mine = ++asked;
    try {
      const answer = await post([...fields().filter(([name]) => name !== "faire"), ["faire", "apercu"]]);
      if (!answer.ok || mine !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of PARTS) {
        const here = document.getElementById(id), now = page.getElementById(id);
        if (here && now && !here.contains(document.activeElement) && here.innerHTML !== now.innerHTML) here.innerHTML = now.innerHTML;
      }
      document.getElementById("pieces-de").value = page.getElementById("pieces-de").value;
    } catch { /* the network is away: what was found before stays */ }
  };
  const soon = (event) => {
    if (event.target.matches("[type=file]")) return;
    clearTimeout(timer);
    timer = setTimeout(look, LOOK_AFTER);
  };
  form.addEventListener("input", soon);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=enregistrer]"));
    } else if (event.key === "Enter" && event.target.matches("input:not([type=checkbox]):not([type=radio])")) {
      event.preventDefault(); /* half an entry is never sent by a slip of the finger */
    }
  });

  /* --- the screen, hidden from who stands there --- */
  const screen = document.querySelector("[data-screen]"), hide = document.querySelector("[data-hide]");
  hide.hidden = false;
  hide.addEventListener("click", () => screen.showModal());
  screen.addEventListener("keydown", () => screen.close());
  screen.querySelector("button").addEventListener("click", () => screen.close());

  if (!document.getElementById("erreurs")) form.elements.mots.focus();
  addEventListener("online", sendKept);
  setInterval(() => { if (kept().some((one) => one.waits && !one.wrong)) sendKept(); }, AGAIN_MS);
  if (kept().length) { showKept(kept(), []); sendKept(); }
})();
