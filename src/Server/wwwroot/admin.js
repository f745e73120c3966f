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
  new MutationObserver(() => {
    focusDialogs();
    if (dialogs.length === 0) focusPage();
  }).observe(document.body, { childList: true, subtree: true });

  const notice = document.getElementById("components-reconnect-modal");
  const retry = async () => {
    try {
      if (!await Blazor.reconnect()) location.reload();
    } catch {
      // Still not there; the notice stays.
    }
  };
  notice.addEventListener("components-reconnect-state-changed", event => {
    if (event.detail.state === "rejected") location.reload();
  });
  notice.querySelector("button").addEventListener("click", retry);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && notice.classList.contains("components-reconnect-failed")) retry();
  });
})();
