// What is known of users, roles and accounts: their policies, what limits them, their labels.

import { invalid, list, optional, text } from "../check.js";
import { valueOf } from "./engine.js";

export class IdentityStore {
  #world;

  constructor(world) {
    this.#world = world;
  }

  async putPolicy(principal, name, policy) {
    await this.#ask("putPolicy", text(principal, "principal"), text(name, "name"), jsonOf(policy));
  }

  async deletePolicy(principal, name) {
    await this.#ask("deletePolicy", text(principal, "principal"), text(name, "name"));
  }

  async listPolicies(principal) {
    return this.#ask("listPolicies", text(principal, "principal"));
  }

  async putBoundary(principal, policy) {
    await this.#ask("putBoundary", text(principal, "principal"), jsonOf(policy));
  }

  async deleteBoundary(principal) {
    await this.#ask("deleteBoundary", text(principal, "principal"));
  }

  async boundary(principal) {
    return this.#ask("boundary", text(principal, "principal"));
  }

  async putTag(principal, key, value) {
    if (typeof value !== "string") throw invalid("value is not a string");
    await this.#ask("putTag", text(principal, "principal"), text(key, "key"), value);
  }

  async deleteTag(principal, key) {
    await this.#ask("deleteTag", text(principal, "principal"), text(key, "key"));
  }

  async tags(principal) {
    return this.#ask("tags", text(principal, "principal"));
  }

  async putServiceControlPolicies(account, levels) {
    const texts = list(levels, "levels").map((level) => list(level, "a level").map(jsonOf));
    await this.#ask("putServiceControlPolicies", text(account, "account"), texts);
  }

  async serviceControlPolicies(account) {
    return this.#ask("serviceControlPolicies", text(account, "account"));
  }

  async putOrganization(account, organization) {
    await this.#ask("putOrganization", text(account, "account"), optional(organization, text, "organization"));
  }

  async organization(account) {
    return this.#ask("organization", text(account, "account"));
  }

  async #ask(method, ...args) {
    return valueOf(await this.#world.ask(method, ...args));
  }
}

/** A policy may be given as an object. */
function jsonOf(policy) {
  return text(typeof policy === "object" && policy !== null ? written(policy) : policy, "policy");
}

function written(policy) {
  try {
    return JSON.stringify(policy);
  } catch (cause) {
    throw invalid(`policy can not be written as JSON: ${cause?.message ?? cause}`);
  }
}
