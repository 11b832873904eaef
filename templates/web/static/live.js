// Shows today in a picture that is wider than the screen, and asks for the page's parts again whenever there is something new. Without this script the page asks every few seconds.
"use strict";
(function () {
  for (const today of document.querySelectorAll(".scroll .today line")) {
    const scroll = today.closest(".scroll"), at = today.getBoundingClientRect().left - scroll.getBoundingClientRect().left;
    scroll.scrollLeft = at - scroll.clientWidth * 0.6;
  }

  const parts = document.querySelector("#parts[data-live]");
  if (!parts || !window.EventSource) return;
  let asking = false, again = false;

  function busy() {
    // Whoever is about to press a button, or is reading what is marked, is not disturbed.
    const at = document.activeElement;
    const marked = window.getSelection();
    return (at && parts.contains(at) && at.matches("button, input")) || (marked && !marked.isCollapsed && parts.contains(marked.anchorNode));
  }

  async function refresh() {
    if (asking || busy()) { again = true; return; }
    asking = true; again = false;
    try {
      const answer = await fetch("/parts", { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const open of parts.querySelectorAll("details[open][id]")) {
        const same = fresh.getElementById(open.id);
        if (same) same.open = true;
      }
      const places = [...parts.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
      if (busy()) { again = true; return; }
      parts.replaceChildren(...fresh.body.childNodes);
      parts.querySelectorAll(".scroll").forEach((each, at) => { each.scrollLeft = places[at] || 0; });
    } catch {
      again = true;
    } finally {
      asking = false;
    }
  }

  const events = new EventSource("/events");
  events.addEventListener("changed", refresh);
  events.addEventListener("closed", () => events.close());
  setInterval(() => { if (again && !asking) refresh(); }, 1500);
})();
