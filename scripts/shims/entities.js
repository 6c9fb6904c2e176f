// markdown-it decodes entities in headings alone here: the tables are unpacked when the first one comes.
export const decodeHTMLStrict = (text) => require("../../node_modules/entities/dist/decode.js").decodeHTMLStrict(text);
