// Scripts with colours, completion and numbered lines. The textarea stays what is sent; without this it is what is seen.
import { completing } from "./completing.js";

const group = document.getElementById("lines-group");
const LIBRARY = new URL("./codemirror/codemirror.js", import.meta.url);
const open = new Map(); // textarea → its editor
let library;

const blamed = (area) => {
  const told = area.closest(".hub-option").querySelector(".hub-problem:not([hidden])")?.textContent ?? "";
  return Number(told.match(/\bLine (\d+)\b/)?.[1] ?? 0);
};

const extensions = (cm, area) => {
  const { Decoration, EditorState, EditorView, HighlightStyle, StateField, tags } = cm;
  const label = document.querySelector(`label[for="${area.id}"]`);
  label.id ||= `${area.id}_label`;
  const described = area.getAttribute("aria-describedby");
  const colours = HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], class: "hub-code-word" },
    { tag: [tags.string, tags.special(tags.string)], class: "hub-code-text" },
    { tag: [tags.number, tags.bool, tags.null], class: "hub-code-number" },
    { tag: tags.comment, class: "hub-code-comment" },
    { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], class: "hub-code-name" },
  ]);
  // The line that the hub complained of, until it is changed.
  const trouble = StateField.define({
    create(state) {
      const number = blamed(area);
      if (!number || number > state.doc.lines) return Decoration.none;
      return Decoration.set([Decoration.line({ class: "hub-code-wrong" }).range(state.doc.line(number).from)]);
    },
    update: (marks, change) => (change.docChanged ? Decoration.none : marks),
    provide: (field) => EditorView.decorations.from(field),
  });
  return [
    cm.lineNumbers(), cm.highlightActiveLineGutter(), cm.highlightActiveLine(), cm.highlightSpecialChars(),
    cm.history(), cm.drawSelection(), cm.indentOnInput(), cm.bracketMatching(), cm.closeBrackets(),
    cm.indentUnit.of("    "), cm.python(), cm.syntaxHighlighting(colours), trouble,
    cm.autocompletion({ override: [completing((area.dataset.methods ?? "").split(" "))] }),
    cm.tooltips({ parent: document.body }),
    cm.keymap.of([
      ...cm.closeBracketsKeymap, ...cm.completionKeymap, ...cm.defaultKeymap, ...cm.historyKeymap, cm.indentWithTab,
    ]),
    EditorView.lineWrapping,
    EditorState.readOnly.of(area.readOnly),
    EditorView.contentAttributes.of({
      "aria-labelledby": label.id,
      ...(described ? { "aria-describedby": described } : {}),
      spellcheck: "false",
    }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      area.value = update.state.doc.toString();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }),
    EditorView.domEventHandlers({ blur: () => void area.dispatchEvent(new Event("change", { bubbles: true })) }),
  ];
};

const put = async (area) => {
  if (open.has(area)) return;
  open.set(area, null);
  try {
    library ??= import(LIBRARY);
    const cm = await library;
    if (!area.isConnected || !open.has(area)) return void open.delete(area);
    const place = document.createElement("div");
    place.className = "hub-script";
    area.after(place);
    // Whoever has begun to write goes on where they are.
    const selection = { anchor: area.selectionStart, head: area.selectionEnd };
    const state = cm.EditorState.create({ doc: area.value, selection, extensions: extensions(cm, area) });
    const view = new cm.EditorView({ state, parent: place });
    const held = document.activeElement === area;
    area.hidden = true;
    open.set(area, { view, place });
    document.querySelector(`label[for="${area.id}"]`).addEventListener("click", () => view.focus());
    if (held) view.focus();
  } catch {
    open.delete(area); // the textarea is there
  }
};

const away = () => {
  for (const [area, editor] of open) {
    editor?.view.destroy();
    editor?.place.remove();
    area.hidden = false;
  }
  open.clear();
};

const lookRound = () => {
  for (const kind of group.querySelectorAll('.hub-line:not(.empty-form) select[name$="-kind"]'))
    if (kind.value === "script") put(kind.closest(".hub-line").querySelector('[name$="-script"]'));
};

if (group) {
  group.addEventListener("change", (event) => event.target.name?.endsWith("-kind") && lookRound());
  // Unfold makes the rows behind a removed one anew from their HTML, in which an editor would be dead.
  document.addEventListener("hub:rows-renewed", () => {
    away();
    setTimeout(lookRound);
  });
  lookRound();
}
