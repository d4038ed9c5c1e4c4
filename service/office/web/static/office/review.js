// SPDX-License-Identifier: Apache-2.0
// Held pictures and the review of one: face boxes, names by keyboard, drawn boxes, ticks.
// Everything is a plain form without it.
"use strict";

const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const one = (selector, from = document) => from.querySelector(selector);
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

// --- single-letter keys: outside of fields only, and they can be switched off --------------------
const OFF = "photowarden-letters-off";
const letters = new Map();
const help = one("[data-keys-help]");
const choice = one("[data-keys-on]");
if (choice) {
  choice.checked = localStorage.getItem(OFF) === null;
  choice.addEventListener("change", () => {
    if (choice.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
  letters.set("?", () => help.showModal());
  all("[data-keys-open]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  });
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if ((event.target.closest && typing(event.target)) || localStorage.getItem(OFF) !== null) return;
  if (document.querySelector("dialog[open]")) return;
  const act = letters.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (act) {
    event.preventDefault();
    act();
  }
});
for (const link of all("[data-key]")) letters.set(link.dataset.key, () => link.click());

// --- the picture and its boxes --------------------------------------------------------------------
const stage = one("[data-stage]");
const frame = stage && one("[data-frame]", stage);
const place = (box, parts) => {
  box.dataset.box = parts.map((part) => part.toFixed(2)).join(" ");
  ["left", "top", "width", "height"].forEach((side, at) => {
    box.style.setProperty(side, `${parts[at]}%`);
  });
};
const parts = (box) => box.dataset.box.split(" ").map(Number);
const within = ([left, top, width, height]) => {
  const wide = Math.min(Math.max(width, 1), 100);
  const high = Math.min(Math.max(height, 1), 100);
  return [
    Math.min(Math.max(left, 0), 100 - wide), Math.min(Math.max(top, 0), 100 - high), wide, high,
  ];
};
let current = null;
let zoomed = 1;
const zoom = (scale, box = null) => {
  zoomed = scale;
  frame.style.setProperty("width", `${scale * 100}%`);
  if (!box) return;
  const [left, top, width, height] = parts(box);
  stage.scrollTo(
    ((left + width / 2) / 100) * frame.offsetWidth - stage.clientWidth / 2,
    ((top + height / 2) / 100) * frame.offsetHeight - stage.clientHeight / 2,
  );
};
const mark = (box) => {
  current = box;
  all("[data-box]").forEach((other) => other.classList.toggle("pw-box--now", other === box));
  if (box && zoomed > 1) zoom(zoomed, box);
};
if (stage) {
  all("[data-box]", stage).forEach((box) => {
    box.hidden = false;
    place(box, parts(box));
  });
  all("[data-tools]").forEach((tools) => (tools.hidden = false));
  const press = (name, act) => one(`[data-${name}]`)?.addEventListener("click", act);
  press("zoom", () => zoom(zoomed > 1 ? 1 : 2, current));
  press("crop", () => {
    const box = current || one("[data-box]", stage);
    if (!box) return;
    mark(box);
    const share = Math.max(parts(box)[2], parts(box)[3], 3) / 100;
    zoom(zoomed > 2 ? 1 : Math.min(0.4 / share, 8), box);
  });
}

// --- a box that somebody draws: by pointer, or arrows, plus and minus -----------------------------
const drawn = (label, onDone, onGone) => {
  const box = document.createElement("button");
  box.type = "button";
  box.className = "pw-box pw-box--drawn";
  box.append(Object.assign(document.createElement("span"), { textContent: "+" }));
  box.setAttribute(
    "aria-label",
    `${label}: arrows move it, plus and minus change its size, Enter ends, Delete takes it away`,
  );
  frame.append(box);
  const set = (next) => {
    place(box, within(next));
    box.dispatchEvent(new CustomEvent("placed"));
  };
  set([45, 40, 8, 10]);
  box.addEventListener("keydown", (event) => {
    const [left, top, width, height] = parts(box);
    const step = event.shiftKey ? 5 : 1;
    const moves = {
      ArrowLeft: [left - step, top, width, height],
      ArrowRight: [left + step, top, width, height],
      ArrowUp: [left, top - step, width, height],
      ArrowDown: [left, top + step, width, height],
      "+": [left - 0.5, top - 0.5, width + 1, height + 1],
      "=": [left - 0.5, top - 0.5, width + 1, height + 1],
      "-": [left + 0.5, top + 0.5, width - 1, height - 1],
    };
    if (moves[event.key]) set(moves[event.key]);
    else if (event.key === "Enter") onDone(box);
    else if (event.key === "Delete") {
      box.remove();
      onGone(box);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("pointerdown", (event) => {
    const [left, top, width, height] = parts(box);
    const start = [event.clientX, event.clientY];
    const corner = event.offsetX > box.offsetWidth - 14 && event.offsetY > box.offsetHeight - 14;
    box.setPointerCapture(event.pointerId);
    const move = (next) => {
      const across = ((next.clientX - start[0]) / frame.offsetWidth) * 100;
      const down = ((next.clientY - start[1]) / frame.offsetHeight) * 100;
      if (corner) set([left, top, width + across, height + down]);
      else set([left + across, top + down, width, height]);
    };
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", () => box.removeEventListener("pointermove", move), {
      once: true,
    });
  });
  box.focus();
  mark(box);
  return box;
};

// --- who is this? ---------------------------------------------------------------------------------
const form = one("[data-naming]");
const SHOWN = 6;
const people = all("#people option").map((option) => ({
  label: option.value,
  plain: option.value.toLowerCase(),
  near: option.hasAttribute("data-near"),
}));
const rows = () => all("[data-row]", form);
const answered = (row) => Boolean(one("[data-name]", row).value.trim() || one("select", row).value);
const boxOf = (row) => row.box || one(`[data-box][data-face="${row.dataset.row}"]`);
const onward = (row) => {
  const listed = rows();
  const later = [...listed.slice(listed.indexOf(row) + 1), ...listed];
  const next = later.find((other) => !answered(other));
  (next ? one("[data-name]", next) : one("[data-everyone]", form)).focus();
};

const combine = (row) => {
  const field = one("[data-name]", row);
  const select = one("select", row);
  const fixed = all("option", select).filter((option) => option.value);
  const list = document.createElement("ul");
  list.id = `${field.id}-list`;
  list.className = "pw-candidates";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Who it may be");
  list.hidden = true;
  row.append(list);
  field.removeAttribute("list");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  let offered = [];
  let at = -1;

  const close = () => {
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const point = (to) => {
    if (!offered.length) return;
    at = (to + offered.length) % offered.length;
    all("[role=option]", list).forEach((item, number) => {
      item.setAttribute("aria-selected", String(number === at));
      if (number === at) {
        field.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    });
  };
  const take = (offer) => {
    field.value = offer.label || "";
    select.value = offer.value || "";
    close();
    tell(row);
    onward(row);
  };
  const open = () => {
    const text = field.value.trim().toLowerCase();
    const words = text.split(/\s+/).filter(Boolean);
    const taken = new Set(rows().map((other) => one("[data-name]", other).value));
    const free = people.filter((person) => !taken.has(person.label) || person.label === field.value);
    const fitting = free.filter((person) =>
      text ? words.every((word) => person.plain.includes(word)) : person.near,
    );
    offered = fitting.slice(0, SHOWN).map((person) => ({ label: person.label, words: person.label }));
    offered.push(...fixed.map((option) => ({ value: option.value, words: option.textContent })));
    list.replaceChildren(
      ...offered.map((offer, number) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${number}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        const key = document.createElement("kbd");
        key.textContent = String(offer.value ? 10 - offered.length + number : number + 1);
        item.append(key, ` ${offer.words}`);
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          take(offer);
        });
        return item;
      }),
    );
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    at = -1;
    field.removeAttribute("aria-activedescendant");
    if (text && fitting.length) point(0);
  };
  field.addEventListener("focus", () => {
    mark(boxOf(row));
    open();
  });
  field.addEventListener("blur", close);
  field.addEventListener("input", () => {
    select.value = "";
    open();
    tell(row);
  });
  select.addEventListener("change", () => {
    if (select.value) field.value = "";
    tell(row);
  });
  field.addEventListener("keydown", (event) => {
    const first = fixed.length ? 10 - fixed.length : 10;
    if (event.key === "ArrowDown") point(at + 1);
    else if (event.key === "ArrowUp") point(at < 0 ? offered.length - 1 : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && !list.hidden && offered[at]) take(offered[at]);
    else if (event.key === "Enter" && answered(row)) onward(row);
    else if (event.key === "Enter") open();
    else if (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const number = Number(event.key);
      const people = offered.length - fixed.length;
      if (list.hidden) open();
      const chosen = number >= first ? offered[people + number - first] : offered[number - 1];
      if (number >= first || number <= people) take(chosen);
    } else return;
    event.preventDefault();
  });
};

const tell = (row) => {
  const box = boxOf(row);
  const said = one("[data-name]", row).value || one("select", row).selectedOptions[0]?.textContent;
  row.classList.toggle("pw-row--said", answered(row));
  if (!box || row.box) return;
  box.classList.toggle("pw-box--said", answered(row));
  const what = answered(row) ? said : "nothing said yet";
  box.setAttribute("aria-label", `Face ${row.dataset.row}: ${what}`);
};

if (form) {
  rows().forEach((row) => {
    combine(row);
    tell(row);
    boxOf(row)?.addEventListener("click", () => one("[data-name]", row).focus());
  });
  let added = 0;
  one("[data-add-missed]")?.addEventListener("click", () => {
    added += 1;
    const row = one("[data-missed-template]").content.firstElementChild.cloneNode(true);
    all("[id]", row).forEach((part) => (part.id += `-${added}`));
    all("[for]", row).forEach((part) => part.setAttribute("for", `${part.htmlFor}-${added}`));
    one("[data-missed]", form).append(row);
    combine(row);
    row.box = drawn(
      `Face ${added} that the computer missed`,
      () => one("[data-name]", row).focus(),
      () => row.remove(),
    );
    one("[data-remove]", row).addEventListener("click", () => {
      row.box.remove();
      row.remove();
      one("[data-add-missed]").focus();
    });
  });
  const start = rows().find((row) => !answered(row));
  if (!one("[data-focus]")) {
    (start ? one("[data-name]", start) : one("[data-everyone]", form))?.focus({ preventScroll: true });
  }
}

// --- what is to be covered -------------------------------------------------------------------------
const cover = one("[data-covering]");
if (cover) {
  const tick = (number) => one(`[name=cover][value="${number}"]`, cover);
  const show = () =>
    all("[data-face]", stage).forEach((box) => {
      const covered = tick(box.dataset.face).checked;
      box.classList.toggle("pw-box--covered", covered);
      box.setAttribute("aria-pressed", String(covered));
    });
  all("[data-face]", stage).forEach((box) =>
    box.addEventListener("click", () => {
      tick(box.dataset.face).checked = !tick(box.dataset.face).checked;
      mark(box);
      show();
    }),
  );
  cover.addEventListener("change", show);
  show();
  one("[data-draw]")?.addEventListener("click", () => {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "box";
    cover.append(field);
    const box = drawn(
      "A box to cover",
      () => one("[data-draw]").focus(),
      () => {
        field.remove();
        one("[data-draw]").focus();
      },
    );
    const keep = () => (field.value = parts(box).join(","));
    box.addEventListener("placed", keep);
    keep();
  });
}

// --- the queue: arrows, Space ticks, Shift ticks all between, Enter opens -------------------------
const queue = one("[data-queue]");
if (queue) {
  const links = all("[data-open]", queue);
  const ticks = all("[data-tick]", queue);
  const many = one("[data-many]");
  let last = 0;
  const count = () => {
    const ticked = ticks.filter((box) => box.checked).length;
    many.textContent = `Same answer for ${ticked}`;
    many.disabled = ticked < 2;
  };
  const set = (at, between) => {
    ticks[at].checked = !ticks[at].checked;
    const [from, to] = between ? [Math.min(last, at), Math.max(last, at)] : [at, at];
    for (let number = from; number <= to; number += 1) ticks[number].checked = ticks[at].checked;
    last = at;
    count();
  };
  ticks.forEach((box, at) =>
    box.addEventListener("click", (event) => {
      if (event.shiftKey) {
        box.checked = !box.checked;
        set(at, true);
      } else last = at;
      count();
    }),
  );
  const columns = () => {
    const top = links[0]?.closest("li").offsetTop;
    return Math.max(links.filter((link) => link.closest("li").offsetTop === top).length, 1);
  };
  queue.addEventListener("keydown", (event) => {
    const at = links.indexOf(event.target);
    if (at < 0) return;
    const steps = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns(),
      Home: -at, End: links.length - 1 - at,
    };
    if (event.key in steps) links[Math.min(Math.max(at + steps[event.key], 0), links.length - 1)].focus();
    else if (event.key === " ") set(at, event.shiftKey);
    else return;
    event.preventDefault();
  });
  count();
  if (!one("[data-focus]")) links[0]?.focus({ preventScroll: true });
}
