// The queue: one large face; one key decides it. The next face shows when the server has written the decision down.

function press(board, key, at) {
  const card = board.card;
  const does = board.data.keys.find((each) => each.key === key || each.also === key);
  if (!does) return false;
  if (does.does === "help") toggleHelp(board);
  else if (does.does === "group") toggleGroup(board);
  else if (board.frame.dataset.state === "ready" && !board.outbox.act && heldBack(board, does)) return true;
  else if (board.outbox.act || board.frame.dataset.state !== "ready") {
    if (!(does.does === "undo" && !board.outbox.act && board.frame.dataset.state === "empty")) return true;
    decide(board, does, at, []);
  } else decide(board, does, at, does.does === "undo" ? [] : reached(board));
  return true;
}

// The pictures that the next key decides: copies that agree on the face come too; "g" turns that about.
function reached(board) {
  const { sample, group, reach } = board.card;
  if (board.groupOf !== sample) return reach;
  return reach.length > 1 ? [sample] : group;
}

function toggleGroup(board) {
  const card = board.card;
  if (!card || board.outbox.act || board.frame.dataset.state !== "ready") return;
  if (card.group.length < 2) return drawNotice(board, "No copies of this picture are known.");
  board.groupOf = board.groupOf === card.sample ? "" : card.sample;
  drawReach(board, card);
}

function drawReach(board, card) {
  const copies = (count) => (count === 1 ? "its copy" : `its ${count} copies`);
  const all = reached(board).length;
  const others = card.group.length - 1;
  const why = board.groupOf !== card.sample && card.apart ? `: ${card.apart}` : "";
  board.frame.dataset.reach = String(all);
  board.root.querySelector(".copies").classList.toggle("reached", all > 1);
  board.root.querySelector(".reach").textContent =
    all > 1
      ? `A key decides this face once: this picture and ${copies(all - 1)}, undone together. g: this picture alone.`
      : `A key decides this picture alone${why}. g: ${copies(others)} too.`;
}

function decide(board, does, at, samples) {
  board.pressed = at;
  board.groupOf = "";
  const said = does.does === "confirm" && board.card ? `${words(board.card.label)} is right` : does.words;
  board.said = samples.length > 1 ? `${said}, ${samples.length} pictures` : said;
  board.frame.dataset.state = "sending";
  board.outbox.put({ key: does.key, samples, screen: board.card ? board.card.screen : "queue" });
}

function drawBar(board) {
  const { own, all, left, seconds_each: pace, worth, wrong } = board.data.progress;
  const root = board.root;
  root.querySelector(".meter i").style.width = `${(100 * all) / Math.max(1, all + worth)}%`;
  root.querySelector(".count").textContent = `${counted(own)} decided by you, ${counted(all)} by all`;
  root.querySelector(".worth").textContent = worth
    ? `${counted(worth)} worth a look: open, or more likely wrong than right`
    : "nothing left that is more likely wrong than right";
  root.querySelector(".wrong").textContent = wrong ? `about ${counted(roughly(wrong))} of all ${counted(left)} expected wrong` : "";
  root.querySelector(".pace").textContent =
    pace && worth ? `at your pace of late (${(60 / pace).toFixed(pace > 6 ? 1 : 0)} a minute) ${duration(worth * pace)}` : "";
  root.querySelector(".last").textContent = board.said ? `last: ${board.said}` : "";
}

function drawChances(board, card) {
  const chart = board.root.querySelector(".chances");
  const rows = Object.entries(card.chances || {}).sort((one, two) => two[1] - one[1]);
  chart.replaceChildren(
    ...rows.slice(0, 8).map(([label, chance]) => {
      const row = make("div", label === card.label ? "chance now" : "chance");
      const bar = make("i");
      bar.style.width = `${100 * chance}%`;
      const track = make("span", "track");
      track.append(bar);
      row.append(make("span", "name", words(label)), track, make("span", "share", `${Math.round(100 * chance)} %`));
      return row;
    })
  );
  if (!rows.length && card.quality !== null) {
    const row = make("div", "chance");
    const bar = make("i");
    bar.style.width = `${100 * card.quality}%`;
    const track = make("span", "track");
    track.append(bar);
    row.append(make("span", "name", "label quality"), track, make("span", "share", card.quality.toFixed(2)));
    chart.append(row);
  }
}

// Beside a face so large; six small faces stand in a row, and the keys below in sight, where that leaves them their size.
function drawLists(board, card, room) {
  const root = board.root;
  board.room = room;
  const beside = (board.frame.clientWidth || window.innerWidth - 80) - room - 28;
  const high = card.copies.length ? (window.innerHeight - 610) / 2 : window.innerHeight - 540;
  const small = [144, 96, 72].find((side) => 6 * (side + 10) <= beside && side <= high) || 48;
  for (const kind of ["copies", "similar"]) {
    const section = root.querySelector(`.${kind}`);
    section.hidden = !card[kind].length;
    section.querySelector(".faces").replaceChildren(...card[kind].map((face) => smallFace(face, small)));
  }
  const places = card.places.map((place) => {
    const item = make("li");
    item.append(isolated(place.key, 120), make("span", "quiet", " in "), isolated(place.source, 60));
    const more = [place.given ? `given ${place.given}` : "", place.split].filter(Boolean).join(", ");
    if (more) item.append(make("span", "quiet", ": "), isolated(more, 80));
    return item;
  });
  if (card.more_places) places.push(make("li", "quiet", `and ${card.more_places} more`));
  root.querySelector(".places ul").replaceChildren(...places);
  const history = root.querySelector(".history");
  history.hidden = !card.history.length;
  history.querySelector("ul").replaceChildren(
    ...card.history.map((line) => {
      const item = make("li");
      item.append(isolated(line, 160));
      return item;
    })
  );
}

// Who gave what; a label that nobody gave is never shown as given.
function drawGiven(list, card) {
  const rows = card.given.map(({ label, by }) => {
    const item = make("li");
    if (label) item.append(make("b", "", ""), make("span", "quiet", " by "));
    if (label) item.firstChild.append(isolated(words(label), 60));
    item.append(isolated(by, 120));
    return item;
  });
  list.replaceChildren(...(rows.length ? rows : [make("li", "quiet", "nobody gave a label")]));
}

// Keys say which label they confirm, and what sources gave or the model suggests.
function markKeys(board, card) {
  for (const button of board.root.querySelectorAll(".key")) {
    const does = board.data.keys.find((each) => each.key === button.dataset.key);
    const says = button.querySelector("span");
    const mark = button.querySelector("small");
    if (does.does === "confirm") {
      says.textContent = card.label ? `${words(card.label)} is right` : "no label to confirm";
      button.classList.toggle("idle", !card.label);
    }
    const marks = [
      does.label && does.label === card.label && "now",
      does.label && card.given.some((each) => each.label === does.label) && "given",
      does.label && card.suggested.includes(does.label) && "suggested",
    ];
    mark.textContent = marks.filter(Boolean).join(", ");
  }
}

function drawCard(board, card) {
  const root = board.root;
  board.card = card;
  root.querySelector(".main").hidden = !card;
  root.querySelector(".empty").hidden = Boolean(card);
  if (!card) {
    board.frame.dataset.state = "empty";
    board.frame.dataset.sample = "";
    return;
  }
  const room = Math.max(240, Math.min(576, window.innerHeight - 400));
  const image = root.querySelector(".big img");
  root.querySelector(".big").style.width = root.querySelector(".big").style.height = `${room}px`;
  root.querySelector(".stage").style.width = `${room}px`;
  root.querySelector(".now").textContent = words(card.label);
  root.querySelector(".why").textContent = card.why;
  drawGiven(root.querySelector(".given"), card);
  markKeys(board, card);
  root.querySelector(".suggested").textContent = card.suggested.map(words).join(", ");
  root.querySelector(".suggestions").hidden = !card.suggested.length;
  root.querySelector(".reason").replaceChildren(isolated(card.reason, 300));
  root.querySelector(".scope").textContent = card.scope ? `Not in the next version. ${card.scope}.` : "";
  drawChances(board, card);
  drawLists(board, card, room);
  drawReach(board, card);
  board.armed = "";
  showPicture(image, card.picture, room).then(() =>
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (board.pressed) {
          performance.measure("next picture", { start: board.pressed, end: performance.now() });
          board.pressed = 0;
        }
        board.frame.dataset.sample = card.sample;
        board.frame.dataset.screen = card.screen;
        board.frame.dataset.state = "ready";
      })
    )
  );
}

// Pictures that come next are decoded ahead.
function warm(cards) {
  for (const card of cards) {
    const image = new Image();
    image.src = card.picture;
    image.decode().catch(() => {});
  }
}

export default function (component) {
  const board = boardOf(component, press);
  drawKeys(board, press);
  followWidth(board, () => board.card && drawLists(board, board.card, board.room));
  if (!board.outbox.hear(board.data.answer)) {
    board.frame.dataset.state = "sending";
    board.outbox.send();
    return closing(board);
  }
  drawNotice(board, board.outbox.error);
  if (board.outbox.error) {
    board.said = "";
    board.pressed = 0;
  }
  drawBar(board);
  drawCard(board, board.data.cards[0]);
  warm(board.data.cards.slice(1));
  return closing(board);
}
