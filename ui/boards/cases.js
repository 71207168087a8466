// Cases: copies with conflicting labels, doubtful pairs, pictures that reviewers dispute; one key settles a case.

function press(board, key) {
  const does = board.data.keys.find((each) => each.key === key);
  if (!does) return false;
  const shown = board.data.cases[0];
  if (does.does === "help") toggleHelp(board);
  else if (board.outbox.act) return true;
  else if (heldBack(board, does)) return true;
  else if (does.does === "undo") decide(board, does, []);
  else if (shown && (shown.is_pair || !["same", "different"].includes(does.does))) decide(board, does, shown.samples);
  else if (shown) drawNotice(board, "This key is for two pictures; here are more. Give them one label, or skip.");
  return true;
}

function decide(board, does, samples) {
  board.said = does.words;
  board.frame.dataset.state = "sending";
  board.outbox.put({ key: does.key, samples, screen: board.data.page });
}

function drawCase(board, shown) {
  const row = board.root.querySelector(".row");
  const room = shown.faces.length <= 2 ? 336 : shown.faces.length <= 6 ? 192 : 96;
  row.replaceChildren(
    ...shown.faces.map((face) => {
      const figure = smallFace(face, Math.min(room, 48 * Math.floor((window.innerHeight - 470) / 48)));
      figure.querySelector("figcaption").textContent = face.label ? `now ${words(face.label)}` : "no label";
      const lines = make("ul");
      lines.append(
        ...face.lines.map((line) => {
          const item = make("li");
          item.append(isolated(line, 140));
          return item;
        })
      );
      figure.append(lines);
      return figure;
    })
  );
  const hidden = shown.samples.length - shown.faces.length;
  if (hidden > 0) row.append(make("p", "quiet", `and ${hidden} more, which the key decides too`));
}

export default function (component) {
  const board = boardOf(component, press);
  drawKeys(board, press);
  if (!board.outbox.hear(board.data.answer)) {
    board.frame.dataset.state = "sending";
    board.outbox.send();
    return closing(board);
  }
  const { cases, left, nothing } = board.data;
  drawNotice(board, board.outbox.error);
  board.root.querySelector(".title").replaceChildren(...(cases.length ? [isolated(cases[0].title, 200)] : []));
  board.root.querySelector(".count").textContent = cases.length ? `${counted(left)} left` : "";
  board.root.querySelector(".last").textContent = board.said ? `last: ${board.said}` : "";
  board.root.querySelector(".empty").hidden = cases.length > 0;
  board.root.querySelector(".note").textContent = nothing;
  board.root.querySelector(".row").hidden = !cases.length;
  if (cases.length) drawCase(board, cases[0]);
  board.frame.dataset.samples = cases.length ? cases[0].samples.join(" ") : "";
  board.frame.dataset.state = cases.length ? "ready" : "empty";
  return closing(board);
}
