// Users' and roles' own policies.

import { invalid, text } from "../check.js";
import { valueOf } from "./engine.js";

export class IdentityPolicies {
  #world;

  constructor(world) {
    this.#world = world;
  }

  async putPolicy(principal, name, policy) {
    const json = text(jsonOf(policy), "policy");
    await this.#ask("putPolicy", text(principal, "principal"), text(name, "name"), json);
  }

  async deletePolicy(principal, name) {
    await this.#ask("deletePolicy", text(principal, "principal"), text(name, "name"));
  }

  async listPolicies(principal) {
    return this.#ask("listPolicies", text(principal, "principal"));
  }

  async #ask(method, ...args) {
    return valueOf(await this.#world.ask(method, ...args));
  }
}

/** A policy may be given as an object. */
function jsonOf(policy) {
  if (typeof policy !== "object" || policy === null) return policy;
  try {
    return JSON.stringify(policy);
  } catch (cause) {
    throw invalid(`policy can not be written as JSON: ${cause?.message ?? cause}`);
  }
}
