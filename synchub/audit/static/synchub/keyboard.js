// What unfold opens by a click on a plain element (the menu on a phone, filters, the account, what else a record offers), the keyboard
// opens as well, has a name for, goes into, and leaves again with Escape.
const OPENS = {
  // state of unfold's: name, where one goes on, what closes it (nothing: what opened it)
  sidebarMobileOpen: ["Menu", "#nav-sidebar a"],
  sidebarDesktopOpen: ["Menu"],
  openUserLinks: ["Account: password, look, log out", "[x-data*=openUserLinks] nav :is(a, button)"],
  filterOpen: ["Filters", "#changelist-filter :is(a, select, input)", "#changelist-filter-close"],
  openRelatedWidgetWrapper: ["More"],
  showActions: ["More"],
};
const FOCUSED_BY_ITSELF = "a[href], button, input, select, textarea, [tabindex]";
const opener = (part) => Object.keys(OPENS).find((one) => part.getAttribute("x-on:click")?.startsWith(one));
let opened = null;

// What is hidden takes no focus, and it is drawn some frames later.
const goInto = (within, frames) => {
  const shown = [...document.querySelectorAll(within)].find((one) => one.checkVisibility());
  if (shown) shown.focus();
  else if (frames) requestAnimationFrame(() => goInto(within, frames - 1));
};

document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll("[x-on\\:click]")) {
    if (part.matches(FOCUSED_BY_ITSELF) || !part.textContent.trim()) continue;
    const which = opener(part);
    Object.assign(part, { role: "button", tabIndex: 0 }).classList.add("hub-opens");
    if (which) part.ariaLabel = OPENS[which][0];
  }
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !opened) return;
  const part = opened;
  opened = null;
  (document.querySelector(OPENS[opener(part)][2] ?? "#nothing") ?? part).click();
  part.focus();
});
document.addEventListener("keydown", (event) => {
  const part = event.target;
  if (!part.matches(".hub-opens") || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  part.click();
  const [, within] = OPENS[opener(part)] ?? [];
  if (!within) return;
  opened = opened === part ? null : part;
  goInto(within, 30);
});
