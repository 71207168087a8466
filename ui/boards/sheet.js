// The grid: many faces of one label; mark those that do not belong, and one key decides all that are marked.

const COLUMNS = 12;
const GAP = 5;
const STEPS = { arrowleft: -1, arrowright: 1, arrowup: -COLUMNS, arrowdown: COLUMNS };

function press(board, key) {
  const faces = board.data.faces;
  if (key in STEPS) {
    const next = board.cursor + STEPS[key];
    if (next >= 0 && next < faces.length) board.cursor = next;
    drawMarks(board);
    return true;
  }
  if (key === " ") {
    if (faces.length) toggle(board, board.cursor);
    return true;
  }
  const does = board.data.keys.find((each) => each.key === key);
  if (!does) return false;
  if (does.does === "help") toggleHelp(board);
  else if (does.does === "all") markAll(board);
  else if (does.does === "turn") turn(board, does.key === "n" ? faces.length : -60);
  else if (!board.outbox.act && !heldBack(board, does)) decide(board, does);
  return true;
}

function decide(board, does) {
  const samples = does.does === "undo" ? [] : board.data.faces.map((face) => face.sample).filter((each) => board.marks.has(each));
  if (does.does !== "undo" && !samples.length) {
    drawNotice(board, "No face is marked: click some, or move with the arrow keys and mark with space.");
    return;
  }
  board.said = does.does === "undo" ? "undo" : `${samples.length} × ${does.words}`;
  board.frame.dataset.state = "sending";
  board.outbox.put({ key: does.key, samples, screen: "grid" });
}

function turn(board, by) {
  const start = Math.max(0, board.data.start + by);
  if (start !== board.data.start && start < board.data.left) {
    board.cursor = 0;
    board.trigger("turn", start);
  }
}

function toggle(board, number) {
  const sample = board.data.faces[number].sample;
  if (!board.marks.delete(sample)) board.marks.add(sample);
  board.cursor = number;
  drawMarks(board);
}

function markAll(board) {
  const all = board.data.faces.map((face) => face.sample);
  board.marks = new Set(board.marks.size === all.length ? [] : all);
  drawMarks(board);
}

function drawMarks(board) {
  const tiles = board.root.querySelectorAll(".tile");
  tiles.forEach((tile, number) => {
    const marked = board.marks.has(tile.dataset.sample);
    tile.classList.toggle("marked", marked);
    tile.classList.toggle("cursor", number === board.cursor);
    tile.setAttribute("aria-selected", String(marked));
  });
  board.root.querySelector(".marked").textContent = board.marks.size ? `${board.marks.size} marked` : "none marked";
}

function drawTiles(board) {
  const { faces } = board.data;
  const tiles = board.root.querySelector(".tiles");
  const wide = (board.frame.clientWidth || window.innerWidth - 80) / COLUMNS - GAP;
  const high = (window.innerHeight - 290) / 5 - GAP;
  const room = Math.max(48, Math.floor(Math.min(wide, high) / 48) * 48);
  tiles.style.gridTemplateColumns = `repeat(${COLUMNS}, ${room}px)`;
  tiles.replaceChildren(
    ...faces.map((face, number) => {
      const tile = make("div", "tile");
      tile.dataset.sample = face.sample;
      tile.style.width = tile.style.height = `${room}px`;
      const image = make("img");
      image.alt = "";
      showPicture(image, face.picture, room);
      tile.append(image);
      tile.onclick = () => toggle(board, number);
      return tile;
    })
  );
}

export default function (component) {
  const board = boardOf(component, press);
  board.marks = board.marks || new Set();
  board.cursor = Math.min(board.cursor || 0, Math.max(0, board.data.faces.length - 1));
  drawKeys(board, press);
  followWidth(board, () => {
    drawTiles(board);
    drawMarks(board);
  });
  if (!board.outbox.hear(board.data.answer)) {
    board.frame.dataset.state = "sending";
    board.outbox.send();
    return closing(board);
  }
  const { faces, start, left, title } = board.data;
  board.root.querySelector(".title").textContent = title;
  const shown = new Set(faces.map((face) => face.sample));
  board.marks = new Set([...board.marks].filter((each) => shown.has(each)));
  drawNotice(board, board.outbox.error);
  board.root.querySelector(".count").textContent = faces.length
    ? `${counted(start + 1)} to ${counted(start + faces.length)} of ${counted(left)}, the most suspect first; copies of a face are decided with it`
    : "";
  board.root.querySelector(".last").textContent = board.said ? `last: ${board.said}` : "";
  board.root.querySelector(".empty").hidden = faces.length > 0;
  drawTiles(board);
  drawMarks(board);
  board.frame.dataset.state = "ready";
  return closing(board);
}
