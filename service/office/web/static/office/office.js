// SPDX-License-Identifier: Apache-2.0
// What pages need of a script: focus on an error summary, "/" for the search, and the warning before
// somebody is signed out. Everything else works without it.
"use strict";

document.querySelector("[data-focus]")?.focus();

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && !typing && search) {
    event.preventDefault();
    search.focus();
  }
});

const body = document.body;
const idle = Number(body.dataset.idle);
if (idle) {
  const WARNING = 60;
  const dialog = document.querySelector(".pw-idle");
  let since = Date.now();
  let told = Date.now();
  let gone = false;

  const tell = () => {
    told = Date.now();
    const token = document.querySelector("[data-still-form] input");
    fetch(body.dataset.stillHere, {
      method: "POST",
      headers: { "X-CSRFToken": token.value },
      credentials: "same-origin",
    }).catch(() => {});
  };
  const active = () => {
    if (gone || dialog.open) return;
    since = Date.now();
    if (since - told > 120000) tell();
  };
  for (const kind of ["keydown", "pointerdown", "scroll"]) {
    document.addEventListener(kind, active, { passive: true });
  }
  dialog.querySelector("[data-idle-stay]").addEventListener("click", () => {
    since = Date.now();
    tell();
  });
  setInterval(() => {
    const left = Math.ceil(idle - (Date.now() - since) / 1000);
    if (left <= 0 && !gone) {
      gone = true;
      body.classList.add("pw-blank");
      location.replace(body.dataset.signIn);
    } else if (left <= WARNING && !dialog.open) {
      dialog.showModal();
    }
    dialog.querySelector("[data-idle-left]").textContent = String(Math.max(left, 0));
  }, 1000);
}

window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
