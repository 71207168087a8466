// What all boards share: texts as text, keys, and an outbox that never loses or doubles a decision.

const RESEND_MS = 2000;

function make(tag, kind, text) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text !== undefined) element.textContent = text;
  return element;
}

function isolated(text, longest = 300) {
  const shown = make("bdi", "", text.length > longest ? text.slice(0, longest) + "…" : text);
  if (text.length > longest) shown.title = text.slice(0, 2000);
  return shown;
}

function words(label) {
  return label ? label.replaceAll("_", " ") : "no label";
}

// Small pictures are enlarged smoothly, because the edges of large pixels mask a face (Harmon and Julesz 1973); `p` shows
// them as they are, at a whole multiple of their size. Larger ones are reduced to fit.
const PIXELS = "curate.pixels";

function showPicture(image, uri, room) {
  const fit = () => {
    const side = Math.max(image.naturalWidth, image.naturalHeight) || 1;
    const pixels = sessionStorage.getItem(PIXELS) === "shown";
    const scale = side > room || !pixels ? room / side : Math.floor(room / side);
    image.style.width = `${Math.round(image.naturalWidth * scale)}px`;
    image.style.height = `${Math.round(image.naturalHeight * scale)}px`;
    image.style.imageRendering = pixels && scale >= 1 ? "pixelated" : "auto";
  };
  image.refit = fit;
  image.onload = fit;
  image.src = uri;
  image.draggable = false;
  return image.decode().then(fit, () => {});
}

function togglePixels(board) {
  sessionStorage.setItem(PIXELS, sessionStorage.getItem(PIXELS) === "shown" ? "" : "shown");
  for (const image of board.root.querySelectorAll("img")) if (image.refit) image.refit();
}

// A key whose label no version holds asks for a second press, so that nothing is left out by oversight.
function heldBack(board, does) {
  const again = does.warning && board.armed !== does.key;
  board.armed = again ? does.key : "";
  drawNotice(board, again ? `${does.warning} Press ${does.key} once more to say so all the same.` : "");
  return Boolean(again);
}

// A name for an action; crypto.randomUUID is missing where the page came over plain http from another host.
function newName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Holds the one action that the server has not answered. It outlives lost connections, dead servers and reloads, and is
// sent until it is answered; the server takes it once, by its name.
class Outbox {
  constructor(place) {
    this.place = `curate.${place}`;
    this.error = "";
    this.act = JSON.parse(sessionStorage.getItem(this.place) || "null");
  }
  put(act) {
    this.error = "";
    this.act = { ...act, reading: this.reading, action: newName() };
    sessionStorage.setItem(this.place, JSON.stringify(this.act));
    this.send();
  }
  send() {
    clearTimeout(this.timer);
    if (!this.act || !this.trigger) return;
    this.trigger("act", this.act);
    this.timer = setTimeout(() => this.send(), RESEND_MS);
  }
  // True when nothing is under way any more.
  hear(answer) {
    if (this.act && answer && answer.action === this.act.action) {
      this.act = null;
      this.error = answer.error;
      sessionStorage.removeItem(this.place);
      clearTimeout(this.timer);
    }
    return !this.act;
  }
}

// A filter keeps the focus when it was chosen from; letters and digits are the board's again.
function isClosedFilter(at) {
  return at.getAttribute("role") === "combobox" && at.getAttribute("aria-expanded") !== "true";
}

function isTyping(event) {
  const at = event.composedPath()[0];
  if (!(at instanceof Element)) return false;
  if (isClosedFilter(at) && event.key.length === 1 && event.key !== " ") {
    at.blur();
    return false;
  }
  if (at.closest("input, textarea, select, [contenteditable=true], [role=listbox], [role=combobox]")) return true;
  return (event.key === "Enter" || event.key === " ") && at.closest("button, a, [role=button]") !== null;
}

// One board: state that outlives redraws, one listener for keys, and the outbox.
const boards = new WeakMap();

function boardOf(component, press) {
  const root = component.parentElement;
  let board = boards.get(root);
  if (!board) {
    board = { root, outbox: new Outbox(`${component.data.page}.${component.data.reviewer}`) };
    boards.set(root, board);
    board.frame = root.querySelector(".board");
    board.onKey = (event) => {
      if (!board.frame.isConnected || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (event.repeat && !event.key.startsWith("Arrow")) return;
      if (take(board, press, event.key.toLowerCase(), event.timeStamp)) event.preventDefault();
    };
  }
  document.addEventListener("keydown", board.onKey);
  board.data = component.data;
  board.trigger = component.setTriggerValue;
  board.outbox.trigger = component.setTriggerValue;
  board.outbox.reading = component.data.reading;
  return board;
}

function take(board, press, key, at) {
  const does = board.data.keys.find((each) => each.key === key);
  if (!does || does.does !== "pixels") return press(board, key, at);
  togglePixels(board);
  return true;
}

// The sidebar opens and closes beside what stays on screen.
function followWidth(board, redraw) {
  if (board.watcher) return;
  board.watcher = new ResizeObserver(() => {
    const changed = board.width !== undefined && board.width !== board.frame.clientWidth;
    board.width = board.frame.clientWidth;
    if (changed) redraw();
  });
  board.watcher.observe(board.frame);
}

function closing(board) {
  return () => {
    document.removeEventListener("keydown", board.onKey);
    clearTimeout(board.outbox.timer);
  };
}

// Buttons that say what each key does, and do it.
function drawKeys(board, press) {
  const drawn = JSON.stringify(board.data.keys);
  if (board.drawnKeys === drawn) return;
  board.drawnKeys = drawn;
  drawHelp(board);
  const list = board.root.querySelector(".keys");
  list.replaceChildren(
    ...board.data.keys.map((each) => {
      const button = make("button", each.warning ? "key idle" : "key");
      button.title = each.warning;
      button.type = "button";
      button.dataset.key = each.key;
      button.append(make("kbd", "", each.shown), make("span", "", each.words), make("small"));
      button.onclick = (event) => {
        take(board, press, each.key, event.timeStamp);
        button.blur();
      };
      return button;
    })
  );
}

function drawNotice(board, text) {
  const notice = board.root.querySelector(".notice");
  notice.replaceChildren(...(text ? [isolated(text, 600)] : []));
  notice.hidden = !text;
}

function smallFace(face, room) {
  const figure = make("figure", "face");
  const image = make("img");
  image.alt = "";
  showPicture(image, face.picture, room);
  const holder = make("div", "holder");
  holder.style.width = holder.style.height = `${room}px`;
  holder.append(image);
  figure.append(holder, make("figcaption", face.label ? "" : "quiet", words(face.label)));
  return figure;
}

function drawHelp(board) {
  const help = board.root.querySelector(".overlay");
  const list = make("ul");
  list.append(
    ...board.data.keys.map((each) => {
      const item = make("li");
      item.append(make("kbd", "", each.shown), make("span", "", each.words));
      return item;
    })
  );
  help.replaceChildren(make("h4", "", "One key decides; every decision is kept and can be undone"), list);
  help.onclick = () => toggleHelp(board);
}

function toggleHelp(board) {
  const help = board.root.querySelector(".overlay");
  help.hidden = !help.hidden;
}

function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return minutes < 60 * 48 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 60 / 24)} days`;
}

function counted(number) {
  return number.toLocaleString("en-GB");
}

// An estimate, to two digits.
function roughly(number) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, number))) - 1);
  return Math.round(number / unit) * unit;
}
