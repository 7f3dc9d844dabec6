// What the official SDK for browsers takes for granted.

export { Buffer } from "buffer";
