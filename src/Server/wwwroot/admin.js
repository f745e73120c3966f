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
