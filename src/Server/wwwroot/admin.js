// What needs the browser itself: clipboard, theme, and the notice while the connection is lost.
(() => {
  const copy = async button => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // Browsers offer no clipboard to pages that came over plain http from another machine.
      const field = document.createElement("textarea");
      field.value = button.dataset.copy;
      field.setAttribute("readonly", "");
      field.style.position = "fixed";
      field.style.opacity = "0";
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    const word = button.querySelector(".copy-word");
    word.textContent = "Copied";
    button.classList.add("copied");
    setTimeout(() => { word.textContent = "Copy"; button.classList.remove("copied"); }, 2000);
  };
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });

  // Moves the focus as soon as a dialog or page appears. A call from the server would arrive later and take the focus from a field in which
  // somebody already types: the rest of the text would go into another field.
  const fields = "input:not([type=hidden]), select, textarea";
  const dialogs = []; // open dialogs, each with the element that had the focus before
  const seen = new WeakSet();
  let path = null;
  const isTyping = () => document.activeElement?.matches(fields) && document.activeElement.isConnected;
  const focusDialogs = () => {
    while (dialogs.length > 0 && !dialogs.at(-1).element.isConnected) {
      const { opener } = dialogs.pop();
      if (document.activeElement === document.body && opener?.isConnected) opener.focus();
    }
    for (const element of document.querySelectorAll(".mud-dialog")) {
      if (seen.has(element)) continue;
      seen.add(element);
      dialogs.push({ element, opener: document.activeElement });
      (element.querySelector(`.mud-dialog-content :is(${fields})`) ?? element.querySelector(".mud-dialog-actions button"))?.focus();
    }
  };
  const focusPage = () => {
    const content = document.querySelector("main:not([inert])");
    for (const field of content?.querySelectorAll("[data-focus]") ?? []) {
      if (seen.has(field)) continue;
      seen.add(field);
      path = location.pathname;
      if (!isTyping()) field.focus();
    }
    const heading = content?.querySelector("h1");
    if (heading && path !== location.pathname && !seen.has(heading)) {
      path = location.pathname;
      if (!isTyping()) heading.focus();
    }
    if (heading) seen.add(heading);
  };
  // Esc presses the close button of the topmost dialog. The server would hear of the key only once it had drawn the dialog and been told so:
  // on a slow line an Esc pressed in time would be lost.
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector(".mud-popover-open")) return;
    [...document.querySelectorAll(".mud-dialog")].at(-1)?.querySelector(".mud-button-close")?.click();
  });
  // The heads by which tables are sorted react to the mouse alone, and the choice that replaces them on phones has no name.
  const sorters = ".mud-table-sort-label";
  const completeTables = () => {
    for (const choice of document.querySelectorAll(".mud-table-smalldevices-sortselect [role=combobox]:not([aria-label])")) {
      choice.setAttribute("aria-label", "Sort by");
    }
    for (const head of document.querySelectorAll(`${sorters}:not([tabindex])`)) {
      head.tabIndex = 0;
      head.setAttribute("role", "button");
    }
  };
  document.addEventListener("keydown", event => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches(sorters)) return;
    event.preventDefault();
    event.target.click();
  });

  // A restart of the server takes the state of its pages with it. What was typed is filled in again, except for passwords.
  const store = "halley-typed";
  const typed = new Set();
  const lost = JSON.parse(sessionStorage.getItem(store) ?? "null");
  sessionStorage.removeItem(store);
  const isChoice = field => ["checkbox", "radio"].includes(field.type);
  document.addEventListener("input", event => {
    if (event.target.id && event.target.type !== "password") typed.add(event.target.id);
  });
  const reload = () => {
    const fields = [...typed].map(id => document.getElementById(id)).filter(field => field?.isConnected && field.type !== "password");
    const values = Object.fromEntries(fields.map(field => [field.id, isChoice(field) ? field.checked : field.value]));
    sessionStorage.setItem(store, JSON.stringify({ path: location.pathname, values }));
    location.reload();
  };
  const fillIn = () => {
    if (lost?.path !== location.pathname || document.getElementById("halley")?.dataset.interactive !== "1") return;
    for (const [id, value] of Object.entries(lost.values)) {
      const field = document.getElementById(id);
      if (!field) continue;
      delete lost.values[id];
      if (isChoice(field)) {
        if (field.checked !== value) field.click();
        continue;
      }
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  new MutationObserver(() => {
    focusDialogs();
    if (dialogs.length === 0) focusPage();
    completeTables();
    fillIn();
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-interactive"] });

  window.halleyPage = {
    // Pages that nobody sees do not refresh.
    watch: page => {
      const tell = () => page.invokeMethodAsync("Show", !document.hidden).catch(() => { /* the notice shows that the line is lost */ });
      document.addEventListener("visibilitychange", tell);
      if (document.hidden) tell();
    },
    // Keeps a choice in the address of a page, unless another page has come in the meantime.
    keep: (path, name, value) => {
      const address = new URL(location.href);
      if (address.pathname !== path) return;
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
      history.replaceState(history.state, "", address);
    },
  };

  const notice = document.getElementById("components-reconnect-modal");
  const retry = async () => {
    try {
      if (!await Blazor.reconnect()) reload();
    } catch {
      // Still not there; the notice stays.
    }
  };
  notice.addEventListener("components-reconnect-state-changed", event => {
    if (event.detail.state === "rejected") reload();
  });
  notice.querySelector("button").addEventListener("click", retry);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && notice.classList.contains("components-reconnect-failed")) retry();
  });
})();
