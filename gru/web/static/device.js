/* The kiosk forgets whoever went away, prints the page itself, calls an agent without leaving the page; */
/* the screen of the waiting room renews itself. Without this file both work by their buttons. */
"use strict";
(() => {
  const main = document.querySelector("main");
  if (main.dataset.renew) setInterval(() => { fetch(location.href, { cache: "no-store" }).then((answer) => (answer.ok ? answer.text() : "")).then((text) => {
    if (!text) return;
    const now = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    if (now && now.innerHTML !== main.innerHTML) main.innerHTML = now.innerHTML;
  }).catch(() => {}); }, main.dataset.renew * 1000);
  if (!main.dataset.idle) return;

  const { home, idle, warned } = main.dataset;
  const begins = location.pathname === home;
  const still = document.querySelector("[data-still]");
  let last = Date.now();
  const here = () => { last = Date.now(); if (still.open) still.close(); };
  for (const kind of ["keydown", "pointerdown", "input"]) addEventListener(kind, here);
  /* A page called back from the browser's memory belongs to somebody who is gone. */
  addEventListener("pageshow", (event) => { if (event.persisted) location.replace(home); });
  if (!begins) setInterval(() => {
    const quiet = (Date.now() - last) / 1000;
    if (quiet > idle) { document.body.hidden = true; location.replace(home); } else if (quiet > warned && !still.open) still.showModal();
  }, 1000);

  for (const link of document.querySelectorAll("[data-print]")) link.addEventListener("click", (event) => { event.preventDefault(); print(); });

  const help = document.querySelector("[data-help]");
  help.addEventListener("submit", (event) => {
    event.preventDefault();
    fetch(help.action, { method: "POST", body: new FormData(help), credentials: "same-origin", redirect: "manual" }).then(() => {
      const said = document.createElement("p");
      said.className = "notice ok";
      said.setAttribute("role", "status");
      said.textContent = help.dataset.help;
      help.replaceWith(said);
    }).catch(() => help.submit());
  });
})();
