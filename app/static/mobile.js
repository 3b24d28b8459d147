/* Lets the phone keep the site's static files, and nothing else of it. Every page works without. */
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/m/worker.js", { scope: "/m/" }).catch(() => {});
