// SPDX-License-Identifier: Apache-2.0
// Pictures leave the page before the server forgets the key: when the time is nearly over, when
// somebody locks here or in another tab, when the page is left; they are hidden while it is not seen.
// A script that fetched something with the key says so with the event "photowarden:key-used".
"use strict";

{
  const MARGIN = 10; // seconds by which the page is earlier than the server
  const place = document.querySelector("[data-key]");
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("photowarden-key") : null;
  const sealed = () => document.querySelectorAll("img[data-sealed], [data-sealed] img");
  let blanked = false;

  const blank = () => {
    if (blanked) return;
    blanked = true;
    for (const picture of sealed()) {
      picture.removeAttribute("src");
      picture.removeAttribute("srcset");
      picture.hidden = true;
    }
    for (const one of document.querySelectorAll("[data-sealed]")) one.classList.add("pw-blanked");
    document.documentElement.classList.add("pw-locked");
    document.dispatchEvent(new Event("photowarden:locked"));
  };
  const locked = () => {
    blank();
    if (!place) return;
    const link = document.createElement("a");
    link.href = `/key/unlock?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = "Pictures locked: unlock";
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    said.append(link);
    place.replaceChildren(said);
  };

  if (place) {
    const now = () => Date.now() / 1000;
    const most = now() + Number(place.dataset.keyMost);
    let until = now() + Number(place.dataset.keySeconds);
    document.addEventListener("photowarden:key-used", () => {
      if (!blanked) until = Math.min(now() + Number(place.dataset.keyIdle), most);
    });
    const tick = () => {
      const left = Math.floor(until - now() - MARGIN);
      if (left <= 0) {
        locked();
        clearInterval(timer);
        return;
      }
      const shown = place.querySelector("[data-key-left]");
      if (shown) shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    };
    const timer = setInterval(tick, 1000);
    tick();
    place.addEventListener("submit", () => {
      blank();
      tabs?.postMessage("locked");
    });
    for (const form of document.querySelectorAll("form[action$='/sign-out']")) {
      form.addEventListener("submit", () => {
        blank();
        tabs?.postMessage("locked");
      });
    }
    tabs?.addEventListener("message", locked);
    document.addEventListener("visibilitychange", () => {
      document.documentElement.classList.toggle("pw-veiled", document.hidden);
      if (!document.hidden) tick();
    });
    window.addEventListener("pagehide", blank);
  }
}
