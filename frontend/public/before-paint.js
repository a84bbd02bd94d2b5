// Theme and direction before the first paint: no flash of the other theme. The same rules as src/contexts/ThemeContext.tsx.
(function () {
  var theme = null;
  var language = null;
  try {
    theme = localStorage.getItem("sightline.theme");
    language = localStorage.getItem("sightline.language");
  } catch {
    // Storage may be forbidden; the system's theme is good then.
  }
  var dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
  if ((language || navigator.language || "").slice(0, 2) === "ar") document.documentElement.dir = "rtl";
})();
