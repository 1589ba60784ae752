// Whoever was logged out meanwhile would be led to the login, and what they had typed would be gone. So that is asked before the
// form of a page goes off; where nothing answers, the browser says so itself.
const adminRoot = location.pathname.slice(0, location.pathname.indexOf("/admin/") + "/admin/".length);
let asked = null;
window.addEventListener(
  "submit",
  async (event) => {
    const { target: form, submitter } = event;
    if (form === asked || form.method !== "post" || !form.matches("#content-main > form")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.dataset.going = ""; // until the next page is there, or what is in its way
    const answer = await fetch(`${adminRoot}jsi18n/`, { cache: "no-store", redirect: "manual" }).catch(() => null);
    form.querySelector(".hub-logged-out")?.remove();
    if (answer?.type === "opaqueredirect") {
      delete form.dataset.going;
      const told = Object.assign(document.createElement("div"), {
        className: "hub-logged-out hub-notice hub-notice-bad",
        role: "alert",
        tabIndex: -1,
      });
      const login = Object.assign(document.createElement("a"), {
        className: "hub-link",
        href: adminRoot,
        target: "_blank",
        textContent: "Log in in another tab",
      });
      told.append("You are logged out, and nothing is saved yet. ", login, ", then save here once more: what you typed is still there.");
      form.prepend(told);
      told.focus({ preventScroll: true });
      told.scrollIntoView({ block: "center" });
      return;
    }
    asked = form;
    form.requestSubmit(submitter);
    asked = null;
  },
  true,
);
