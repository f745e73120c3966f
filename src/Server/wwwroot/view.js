// Runs before anything is shown: tells the server theme and time zone in a cookie, so that pages arrive as they are wanted.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const cookie = document.currentScript.dataset.cookie;
  const stored = () => document.cookie.split("; ").find(one => one.startsWith(`${cookie}=`)) || "";
  const read = () => stored().slice(cookie.length + 1).split("|")[0] || "system";
  const write = theme => {
    const dark = theme === "dark" || (theme === "system" && system.matches);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${cookie}=${theme}|${dark ? 1 : 0}|${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
    return dark;
  };
  const dark = write(read());
  window.halleyView = { read, write };
  // Only the first page of all can have arrived in the wrong theme. It has no form that was filled in yet.
  const arrived = document.documentElement.dataset.dark === "1";
  if (dark !== arrived && stored() && !sessionStorage.getItem("halley-reloaded")) {
    sessionStorage.setItem("halley-reloaded", "1");
    location.reload();
  }
})();
