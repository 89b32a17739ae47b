/* The kiosk goes back to its start by itself; the screen of the waiting room renews itself. */
"use strict";
(() => {
  const main = document.querySelector("main");
  if (main.dataset.renew) setInterval(() => { fetch(location.href, { cache: "no-store" }).then((answer) => (answer.ok ? answer.text() : "")).then((text) => {
    if (!text) return;
    const now = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    if (now && now.innerHTML !== main.innerHTML) main.innerHTML = now.innerHTML;
  }).catch(() => {}); }, main.dataset.renew * 1000);
  if (main.dataset.idle) {
    let last = Date.now();
    for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => { last = Date.now(); });
    setInterval(() => { if (Date.now() - last > main.dataset.idle * 1000) location.replace(main.dataset.home); }, 1000);
  }
})();
