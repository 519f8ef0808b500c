"use strict";
/* Draws /openapi.json; nothing is sent to another server (no validator badge). */
window.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null, supportedSubmitMethods: ["get"] });
});
