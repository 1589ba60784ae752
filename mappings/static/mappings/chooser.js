// A combobox over records that are searched for while one types: arrows move, Enter takes, Escape closes.
// `find(text)` gives a promise of [id, name] pairs; `taken(id, name)` is called with a choice, or with "" when it is undone.
export function chooser(input, list, find, taken) {
  let found = [];
  let at = -1;
  let asked = 0;
  let timer;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (place) => {
    at = place;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    const item = list.children[at];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };

  const take = (place) => {
    const [id, name] = found[place];
    input.value = name;
    close();
    taken(id, name);
  };

  const offer = async () => {
    const mine = ++asked;
    const records = await find(input.value.trim());
    if (mine !== asked || !records || document.activeElement !== input) return;
    found = records;
    list.replaceChildren(
      ...found.map(([id, name], number) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${number}`;
        item.role = "option";
        item.append(name, Object.assign(document.createElement("small"), { textContent: ` ${id}` }));
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault(); // the input keeps the focus
          take(number);
        });
        return item;
      })
    );
    if (!found.length) {
      const none = document.createElement("li");
      none.className = "hub-quiet";
      none.textContent = "Odoo finds none of that name.";
      list.append(none);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(-1);
  };

  input.addEventListener("input", () => {
    taken("", "");
    clearTimeout(timer);
    timer = setTimeout(offer, 250);
  });
  input.addEventListener("click", () => list.hidden && offer());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) offer();
      else if (found.length) mark((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      take(at);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
}
