/* The residents' form, with what a page alone cannot do: give one's own position, send each photo by itself. */
/* Without this file both pages work all the same. */
"use strict";
(() => {
  /* --- where he stands: his browser asks him first; the town's own file says which address that is --- */
  const WAIT_MS = 15000;
  const here = () => {
    const box = document.querySelector("[data-position]");
    if (!box || !navigator.geolocation || !isSecureContext) return;
    const button = box.querySelector("button"), said = box.querySelector("[role=status]"), form = box.closest("form");
    const send = (name, value) => {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    };
    const found = ({ coords }) => {
      send("position", coords.latitude.toFixed(6) + ", " + coords.longitude.toFixed(6));
      send("precision", String(Math.ceil(coords.accuracy)));
      send("action", "position");
      form.submit();
    };
    const lost = (error) => {
      button.removeAttribute("aria-disabled");
      said.textContent = error.code === error.PERMISSION_DENIED ? box.dataset.refusee : box.dataset.introuvable;
    };
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled")) return;
      button.setAttribute("aria-disabled", "true");
      said.textContent = box.dataset.cherche;
      navigator.geolocation.getCurrentPosition(found, lost, { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 60000 });
    });
    box.hidden = false;
  };

  /* --- photos: made smaller, sent one by one, each may be tried again --- */
  const LONGEST = 1600, QUALITY = 0.85, SMALL = 300000;
  const live = document.createElement("p");
  live.className = "sr";
  live.setAttribute("role", "status");
  let waiting = [], sending = false, leave = false;

  const smaller = async (file) => {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < SMALL || !self.createImageBitmap) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const share = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * share);
      canvas.height = Math.round(picture.height * share);
      const paper = canvas.getContext("2d");
      paper.fillStyle = "#fff";
      paper.fillRect(0, 0, canvas.width, canvas.height);
      paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const made = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
      if (!made || made.size >= file.size) return file;
      return new File([made], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch { return file; }
  };

  const upload = (form, file, tell) => new Promise((done) => {
    const body = new FormData(), line = new XMLHttpRequest();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("action", "ajouter");
    body.append("fichiers", file, file.name);
    line.upload.addEventListener("progress", (at) => { if (at.lengthComputable) tell(Math.round((100 * at.loaded) / at.total)); });
    line.addEventListener("load", () => done(line));
    for (const kind of ["error", "abort", "timeout"]) line.addEventListener(kind, () => done(null));
    line.open("POST", form.getAttribute("action"));
    line.send(body);
  });

  /* The page that came back says what is added and what was wrong; it takes the place of this one. */
  const take = (line) => {
    const page = new DOMParser().parseFromString(line.responseText, "text/html");
    const now = page.querySelector("form[enctype]");
    if (!now || new URL(line.responseURL).pathname !== location.pathname) { location.assign(line.responseURL); return false; }
    document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
    photos();
    return true;
  };

  const show = () => {
    const form = document.querySelector("form[data-envoi]");
    let list = form.querySelector("[data-waiting]");
    if (!list) {
      list = document.createElement("ul");
      list.className = "added";
      list.dataset.waiting = "";
      form.querySelector(".field").before(list);
    }
    list.replaceChildren(...waiting.map((one) => {
      const item = document.createElement("li"), words = document.createElement("span");
      const text = one.failed ? form.dataset.echec : form.dataset.envoi;
      words.append(Object.assign(document.createElement("span"), { textContent: text.replace("{nom}", one.file.name).replace("{pct}", String(one.share)) }));
      item.append(words);
      if (one.failed) {
        const again = Object.assign(document.createElement("button"), { type: "button", className: "btn ghost", textContent: form.dataset.encore });
        again.addEventListener("click", () => { one.failed = false; sendNext(); });
        item.append(again);
      }
      return item;
    }));
    list.hidden = !waiting.length;
  };

  const sendNext = async () => {
    const one = waiting.find((each) => !each.failed);
    if (sending || !one) return;
    sending = true;
    show();
    const form = document.querySelector("form[data-envoi]");
    const line = await upload(form, await smaller(one.file), (share) => { one.share = share; show(); });
    sending = false;
    if (!line || line.status >= 500 || line.status === 0) {
      Object.assign(one, { failed: true, share: 0 });
      live.textContent = form.dataset.echec.replace("{nom}", one.file.name);
      leave = false;
    } else {
      waiting = waiting.filter((each) => each !== one);
      if (!take(line)) return;
      const wrong = document.getElementById("erreurs");
      if (wrong) { leave = false; wrong.focus(); } else live.textContent = form.dataset.fait.replace("{nom}", one.file.name);
    }
    show();
    if (waiting.some((each) => !each.failed)) sendNext();
    else if (leave) document.querySelector("form[data-envoi] button[value=continuer]").click();
  };

  const photos = () => {
    const form = document.querySelector("form[data-envoi]");
    if (!form) return;
    const input = form.querySelector("input[type=file]");
    form.querySelector("button[value=ajouter]").hidden = true;
    input.addEventListener("change", () => {
      waiting.push(...[...input.files].map((file) => ({ file, share: 0, failed: false })));
      input.value = "";
      sendNext();
    });
    form.addEventListener("submit", (event) => {
      if (event.submitter && (event.submitter.name === "retirer" || event.submitter.value === "sans")) return;
      if (!waiting.length) return;
      event.preventDefault();
      leave = true;
      for (const one of waiting) one.failed = false;
      sendNext();
    });
  };

  document.body.append(live);
  here();
  photos();
})();
