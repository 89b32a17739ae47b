/* The counter, with what a page alone cannot do: look around while typing, keep an entry when the network is away, */
/* hide the screen, come back by itself. Without this file the page works all the same, by its buttons. */
"use strict";
(() => {
  const form = document.querySelector("form[data-counter]");
  const receipt = document.querySelector("[data-receipt]");
  const LOOK_AFTER = 450, PING_MS = 4000, AGAIN_MS = 15000;
  const PARTS = ["motifs", "documents", "connue", "annonce", "semblables"];

  /* --- entries kept on this post, words and scanned files, until the town has them and never longer --- */
  const opened = () => new Promise((done, failed) => {
    const asked = indexedDB.open("guichet", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("saisies", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const within = async (mode, act) => {
    const base = await opened();
    try {
      return await new Promise((done, failed) => {
        const work = base.transaction("saisies", mode), asked = act(work.objectStore("saisies"));
        work.oncomplete = () => done(asked.result);
        work.onerror = work.onabort = () => failed(work.error);
      });
    } finally { base.close(); }
  };
  const kept = () => within("readonly", (entries) => entries.getAll()).catch(() => []);
  const keep = (one) => within("readwrite", (entries) => entries.put(one)).then(() => true, () => false);
  const drop = (key) => within("readwrite", (entries) => entries.delete(key)).catch(() => {});
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
  const words = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token" && name !== "faire");
  const scans = () => [...form.elements.pieces.files];
  const putBack = (files) => {
    const all = new DataTransfer();
    for (const file of files) all.items.add(file);
    form.elements.pieces.files = all.files;
  };

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

  const post = (fields, files = []) => {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    for (const file of files) body.append("pieces", file, file.name);
    body.append("csrf_token", form.elements.csrf_token.value);
    return fetch("/guichet", { method: "POST", body, credentials: "same-origin" });
  };

  const fill = (fields) => {
    for (const [name, value] of fields) {
      if (name === "cle" || name === "saisi_par" || name === "pieces_de") continue;
      for (const control of form.querySelectorAll(`[name="${name}"]`)) {
        if (control.type === "checkbox" || control.type === "radio") control.checked ||= control.value === value;
        else control.value = value;
      }
    }
  };
  /* Offered as the same, and it is not: it is offered no more. */
  const setApart = (ref) => {
    const said = document.createElement("input");
    Object.assign(said, { type: "hidden", name: "ecarte", value: ref });
    form.append(said);
    form.elements.texte.focus();
    look();
  };
  const clear = () => {
    for (const said of form.querySelectorAll("[name=ecarte]")) said.remove();
    clearTimeout(timer);
    asked++; /* what was asked for him before comes too late */
    for (const control of form.elements) {
      if (control.name === "canal" || control.type === "hidden" || control.type === "submit" || control.name === "site") continue;
      if (control.type === "checkbox" || control.type === "radio") control.checked = false; else control.value = "";
    }
    for (const id of PARTS) { const part = document.getElementById(id); part.replaceChildren(...part.querySelectorAll("h2")); }
  };
  /* What was wrong is shown again in this very form; nothing typed is lost. */
  const resume = async (one) => {
    fill(one.fields);
    putBack(one.files);
    await drop(one.key);
    box.replaceChildren();
    await look();
    fill(one.fields); /* the choices that were not on the page before */
  };

  const mine = (one) => one.agent === form.elements.saisi_par.value;
  const showKept = async (sent = []) => {
    const list = await kept();
    box.replaceChildren();
    for (const address of sent) say("ok", form.dataset.envoyee, { href: address, text: form.dataset.voir });
    for (const one of list) {
      if (one.key === form.elements.cle.value) continue;
      if (one.wrong) say("late", form.dataset.corriger, { text: form.dataset.reprendre, act: () => resume(one) });
      else if (mine(one)) say("soon", form.dataset.attente);
      else say("soon", form.dataset.autre.replaceAll("{nom}", one.name), { text: form.dataset.prendre, act: () => sendKept(one.key) });
    }
    box.hidden = !box.childElementCount;
  };
  let sending = false;
  /* Sent again it is one case: its id derives from the key and from whoever typed it. A colleague's waits for him, */
  /* unless somebody sends it in his own name. */
  const sendKept = async (chosen = "") => {
    if (sending) return;
    sending = true;
    const sent = [], list = await kept();
    for (const one of list.filter((each) => !each.wrong && each.key !== form.elements.cle.value && (mine(each) || each.key === chosen))) {
      try {
        const answer = await post([...one.fields, ["faire", "enregistrer"]], one.files);
        if (answer.ok && answer.redirected && answer.url.includes("/guichet/recepisse/")) { await drop(one.key); sent.push(answer.url); }
        else if (answer.status === 422 || answer.status === 413) await keep({ ...one, wrong: true });
        else break;
      } catch { break; }
    }
    sending = false;
    if (sent.length || list.length) await showKept(sent);
  };

  /* "yes", "no", or "out" when the session has ended. */
  const there = async () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PING_MS);
    try {
      const answer = await fetch("/guichet/presence", { cache: "no-store", signal: stop.signal });
      return answer.redirected ? "out" : answer.ok ? "yes" : "no";
    } catch { return "no"; } finally { clearTimeout(timer); }
  };

  let leaving = false, busy = false;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter, wish = button ? button.value : "enregistrer";
    if (wish.startsWith("different:")) { event.preventDefault(); setApart(wish.slice(10)); return; }
    if (leaving || wish !== "enregistrer") return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    const fields = words();
    if (!form.elements.recu_le.value) {
      for (const pair of fields) { if (pair[0] === "recu_le") pair[1] = local(new Date()); if (pair[0] === "raison") pair[1] = "network_loss"; }
    }
    /* Kept before it leaves: it may be lost on its way, or the answer on the way back. */
    const safe = await keep({ key: form.elements.cle.value, agent: form.elements.saisi_par.value, name: form.dataset.agent, fields, files: scans() });
    const found = await there();
    busy = false;
    if (found === "yes") { leaving = true; form.requestSubmit(button); return; }
    box.replaceChildren();
    if (!safe) { say("late", form.dataset.perdrait); return; }
    clear();
    form.elements.cle.value = freshKey();
    await showKept();
    if (found === "out") say("late", form.dataset.dehors, { href: "/connexion?suite=/guichet", text: form.dataset.entrer });
    form.elements.mots.focus();
  });

  /* The same shape as the server's keys: time first, then chance. */
  const freshKey = () => {
    const time = Date.now().toString(16).padStart(12, "0");
    const chance = [...crypto.getRandomValues(new Uint8Array(10))].map((b) => b.toString(16).padStart(2, "0")).join("");
    return time + "7" + chance.slice(1, 4) + "8" + chance.slice(5);
  };

  /* --- looking around while typing: the page is asked for again, its findings take their places --- */
  let timer = 0, asked = 0;
  const look = async () => {
    const mine = ++asked;
    try {
      const answer = await post([...words(), ["faire", "apercu"]]);
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
  addEventListener("online", () => sendKept());
  setInterval(() => { kept().then((list) => { if (list.some((one) => mine(one) && !one.wrong)) sendKept(); }); }, AGAIN_MS);
  /* This very entry came back with something wrong: its files take their place again. */
  kept().then(async (list) => {
    const back = list.find((one) => one.key === form.elements.cle.value);
    if (back) { putBack(back.files); await drop(back.key); }
    if (list.length > (back ? 1 : 0)) { await showKept(); await sendKept(); }
  });
})();
